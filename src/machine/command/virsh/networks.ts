/** The network commands of virsh: tools/virsh-network.c of libvirt 9.0. */
import { Errno } from "../../errno.ts";
import type { NetworkObject } from "../../libvirt/libvirtd.ts";
import type { NetworkDefinition } from "../../libvirt/network.ts";
import { formatNetwork } from "../../libvirt/network-format.ts";
import { readNetwork } from "../../libvirt/network-read.ts";
import { StartTask, StopTask } from "../../libvirt/network-task.ts";
import type { Program } from "../../process.ts";
import { dhcpLeases } from "./leases.ts";
import type { VirshCall, VirshCommand, VirshOption } from "./subcommand.ts";
import { table } from "./table.ts";

const NETWORK: VirshOption = { name: "network", kind: "data", text: "network name or uuid" };
const flag = (name: string, text: string): VirshOption => ({ name, kind: "flag", text });
const yesNo = (value: boolean): string => (value ? "yes" : "no");

const list: VirshCommand = {
  name: "net-list",
  group: "network",
  summary: "list networks",
  description: "Returns list of networks.",
  options: [
    flag("inactive", "list inactive networks"),
    flag("all", "list inactive & active networks"),
    flag("persistent", "list persistent networks"),
    flag("transient", "list transient networks"),
    flag("autostart", "list networks with autostart enabled"),
    flag("no-autostart", "list networks with autostart disabled"),
    flag("uuid", "list uuid's only"),
    flag("name", "list network names only"),
    flag("table", "list table (default)"),
  ],
  run(call) {
    if (["table", "name", "uuid"].filter((each) => call.has(each)).length > 1)
      return call.fail("Only one argument from --table, --name and --uuid may be specified.");
    const networks = call.libvirtd.networks.filter((each) => isWanted(call, each));
    if (call.has("uuid")) return call.done(networks.map(({ current }) => `${current.uuid}\n`).join(""));
    if (call.has("name")) return call.done(networks.map(({ current }) => `${current.name}\n`).join(""));
    const rows = networks.map(({ current, live, autostart, definition }) => [
      current.name,
      live === null ? "inactive" : "active",
      yesNo(autostart),
      yesNo(definition !== null),
    ]);
    return call.done(table(call.quiet ? null : ["Name", "State", "Autostart", "Persistent"], rows));
  },
};

function isWanted(call: VirshCall, { live, definition, autostart }: NetworkObject): boolean {
  const either = (yes: string, no: string, value: boolean): boolean =>
    call.has(yes) === call.has(no) || call.has(value ? yes : no);
  const active = call.has("all") || (live === null) === call.has("inactive");
  return (
    active && either("persistent", "transient", definition !== null) && either("autostart", "no-autostart", autostart)
  );
}

const info: VirshCommand = {
  name: "net-info",
  group: "network",
  summary: "network information",
  description: "Returns basic information about the network",
  options: [NETWORK],
  run(call) {
    const object = call.network();
    if (object === null) return 1;
    const { current, live, definition, autostart } = object;
    const lines = [
      ["Name:", current.name],
      ["UUID:", current.uuid],
      ["Active:", yesNo(live !== null)],
      ["Persistent:", yesNo(definition !== null)],
      ["Autostart:", yesNo(autostart)],
      ["Bridge:", current.bridge.name],
    ];
    return call.done(lines.map(([key, value]) => `${key!.padEnd(15)} ${value}\n`).join(""));
  },
};

const dumpXml: VirshCommand = {
  name: "net-dumpxml",
  group: "network",
  summary: "network information in XML",
  description: "Output the network information as an XML dump to stdout.",
  options: [
    NETWORK,
    flag("inactive", "show inactive defined XML"),
    { name: "xpath", kind: "string", text: "xpath expression to filter the XML document" },
    flag("wrap", "wrap xpath results in an common root element"),
  ],
  run(call) {
    if (call.has("xpath") || call.has("wrap")) return call.fail("virsh: --xpath is not modelled");
    const object = call.network();
    if (object === null) return 1;
    return call.done(formatNetwork(call.has("inactive") ? (object.definition ?? object.current) : object.current));
  },
};

const FILE: VirshOption = { name: "file", kind: "data", text: "file containing an XML network description" };
const VALIDATE = flag("validate", "validate the XML against the schema");

/** The description in a file; null after the sentences. What libvirt passes over is said, which it does not do. */
function readFile(call: VirshCall, failed: string): NetworkDefinition | null {
  const { process } = call;
  const path = call.value("file")!;
  const text = process.machine.files.read(path, process.cwd);
  if (text instanceof Errno) {
    call.fail(`Failed to open file '${path}': ${text.text}`);
    return null;
  }
  if (call.has("validate")) {
    call.fail("virsh: --validate is not modelled");
    return null;
  }
  const { network, remarks, mistake } = readNetwork(text);
  for (const { message, line } of remarks) process.error(`virsh: ${path}: line ${line}: ${message}\n`);
  if (mistake !== null) call.fail(`${failed} ${path}`, mistake.sentence);
  return network;
}

const define: VirshCommand = {
  name: "net-define",
  group: "network",
  summary: "define an inactive persistent virtual network or modify an existing persistent one from an XML file",
  description: "Define or modify a persistent virtual network.",
  options: [FILE, VALIDATE],
  run(call) {
    const failed = "Failed to define network from";
    const wanted = readFile(call, failed);
    if (wanted === null) return 1;
    const object = call.libvirtd.define(wanted);
    if (typeof object === "string") return call.fail(`${failed} ${call.value("file")}`, object);
    return call.done(`Network ${object.definition!.name} defined from ${call.value("file")}\n`);
  },
};

const create: VirshCommand = {
  name: "net-create",
  group: "network",
  summary: "create a network from an XML file",
  description: "Create a network.",
  options: [FILE, VALIDATE],
  run(call) {
    const failed = "Failed to create network from";
    const wanted = readFile(call, failed);
    if (wanted === null) return 1;
    const object = call.libvirtd.create(wanted);
    const file = call.value("file")!;
    if (typeof object === "string") return call.fail(`${failed} ${file}`, object);
    return new StartTask(object, "net-create", `Network ${wanted.name} created from ${file}`, `${failed} ${file}`);
  },
};

const start: VirshCommand = {
  name: "net-start",
  group: "network",
  summary: "start a (previously defined) inactive network",
  description: "Start a network.",
  options: [NETWORK],
  run(call): Program | number {
    const object = call.network();
    if (object === null) return 1;
    const { name } = object.current;
    const failed = `Failed to start network ${name}`;
    if (object.live !== null) return call.fail(failed, "Requested operation is not valid: network is already active");
    return new StartTask(object, "net-start", `Network ${name} started`, failed);
  },
};

const destroy: VirshCommand = {
  name: "net-destroy",
  group: "network",
  summary: "destroy (stop) a network",
  description: "Forcefully stop a given network.",
  options: [NETWORK],
  run(call): Program | number {
    const object = call.network();
    if (object === null) return 1;
    if (object.live !== null) return new StopTask(object);
    return call.fail(
      `Failed to destroy network ${object.current.name}`,
      "Requested operation is not valid: network is not active",
    );
  },
};

const undefine: VirshCommand = {
  name: "net-undefine",
  group: "network",
  summary: "undefine a persistent network",
  description: "Undefine the configuration for a persistent network.",
  options: [NETWORK],
  run(call) {
    const object = call.network();
    if (object === null) return 1;
    const { name } = object.current;
    if (object.definition === null)
      return call.fail(
        `Failed to undefine network ${name}`,
        "Requested operation is not valid: can't undefine transient network",
      );
    call.libvirtd.undefine(object);
    return call.done(`Network ${name} has been undefined\n`);
  },
};

const autostart: VirshCommand = {
  name: "net-autostart",
  group: "network",
  summary: "autostart a network",
  description: "Configure a network to be automatically started at boot.",
  options: [NETWORK, flag("disable", "disable autostarting")],
  run(call) {
    const object = call.network();
    if (object === null) return 1;
    const off = call.has("disable");
    const { name } = object.current;
    if (object.definition === null)
      return call.fail(
        `failed to ${off ? "unmark" : "mark"} network ${name} as autostarted`,
        "Requested operation is not valid: cannot set autostart for transient network",
      );
    call.libvirtd.setAutostart(object, !off);
    return call.done(`Network ${name} ${off ? "unmarked" : "marked"} as autostarted\n`);
  },
};

const uuid: VirshCommand = {
  name: "net-uuid",
  group: "network",
  summary: "convert a network name to network UUID",
  description: "",
  options: [{ ...NETWORK, text: "network name" }],
  run(call) {
    const object = call.network();
    return object === null ? 1 : call.done(`${object.current.uuid}\n`);
  },
};

const name: VirshCommand = {
  name: "net-name",
  group: "network",
  summary: "convert a network UUID to network name",
  description: "",
  options: [{ ...NETWORK, text: "network uuid" }],
  run(call) {
    const word = call.value("network")!;
    if (!/^[0-9a-f-]{36}$/i.test(word)) return call.fail(`failed to get network '${word}'`);
    const object = call.network();
    return object === null ? 1 : call.done(`${object.current.name}\n`);
  },
};

export const NETWORK_COMMANDS: readonly VirshCommand[] = [
  autostart,
  create,
  define,
  destroy,
  dhcpLeases,
  dumpXml,
  info,
  list,
  name,
  start,
  undefine,
  uuid,
];
