/**
 * What a command line of a set-up does, in words that two tellings of it can be compared by: an action on a device, called
 * by the part it plays. Names change hands during a set-up (eth0 becomes peth0, veth0 becomes eth0), parts do not.
 */

/** A device under the name it was born with; a bridge is "the bridge", whatever it is called. */
export type Part = string;

export interface Effect {
  /** "MAC fe:ff:ff:ff:ff:ff", "up", "in the bridge". */
  readonly action: string;
  readonly part: Part;
}

/** Follows renames from line to line. */
export class Parts {
  private readonly byName = new Map<string, Part>();

  /** The part of the device that has this name now. */
  of(name: string): Part {
    return this.byName.get(name) ?? name;
  }

  private rename(from: string, to: string): void {
    const part = this.of(from);
    this.byName.delete(from);
    this.byName.set(to, part);
  }

  /** The effects of one line, in its order; none when it only looks. */
  read(run: string): Effect[] {
    const words = run.split(" ");
    const [tool, verb] = words;
    if (tool === "brctl") return this.brctl(verb!, words.slice(2));
    if (tool === "ifup" || tool === "ifdown")
      return [
        { action: tool === "ifup" ? "up with its configuration (ifup)" : "stopped (ifdown)", part: this.of(verb!) },
      ];
    if (tool === "ifconfig") return this.ifconfig(verb!, words.slice(2));
    if (tool === "echo") return written(words, this);
    if (tool === "sysctl") return words.filter((word) => word.includes("=")).map((word) => setting(word, this));
    if (tool === "iptables" && words.includes("nat"))
      return [{ action: `iptables ${words.slice(1).join(" ")}`, part: "the host" }];
    if (tool !== "ip") return [];
    if (verb === "link") return this.link(words.slice(2));
    if (verb === "addr" || verb === "address") return this.address(words.slice(2));
    if (verb === "route" && (words[2] === "add" || words[2] === "del"))
      return [{ action: `${words[2] === "add" ? "route" : "no route"} ${words[3]}`, part: "the host" }];
    return [];
  }

  private ifconfig(name: string, words: readonly string[]): Effect[] {
    const part = this.of(name);
    const [address = ""] = words;
    const isHost = words.includes("255.255.255.255");
    return [
      ...(/^\d/.test(address) ? [{ action: `address ${address}${isHost ? "/32" : ""}`, part }] : []),
      ...(words.includes("up") ? [{ action: "up", part }] : []),
    ];
  }

  private brctl(verb: string, [bridge = "", value = ""]: readonly string[]): Effect[] {
    const part = "the bridge";
    if (verb === "addbr") {
      this.byName.set(bridge, part);
      return [{ action: "made", part }];
    }
    if (verb === "stp") return [{ action: `spanning tree ${value}`, part }];
    if (verb === "setfd") return [{ action: `forward delay ${value}`, part }];
    if (verb === "addif") return [{ action: "in the bridge", part: this.of(value) }];
    if (verb === "delif") return [{ action: "out of the bridge", part: this.of(value) }];
    return [];
  }

  private link(words: readonly string[]): Effect[] {
    const [verb, ...rest] = words.filter((word) => word !== "dev");
    const [name = "", ...changes] = rest;
    if (verb === "add" && changes.at(-1) === "bridge")
      return this.brctl("addbr", [name === "name" ? changes[0]! : name]);
    if (verb !== "set") return [];
    const part = this.of(name);
    const effects: Effect[] = [];
    for (let i = 0; i < changes.length; i++) {
      const word = changes[i]!;
      if (word === "up" || word === "down") effects.push({ action: word, part });
      else {
        const value = changes[++i] ?? "";
        if (word === "name") {
          this.rename(name, value);
          effects.push({ action: `renamed to ${value}`, part });
        } else
          effects.push({ action: word === "addr" || word === "address" ? `MAC ${value}` : `${word} ${value}`, part });
      }
    }
    return effects;
  }

  private address(words: readonly string[]): Effect[] {
    const device = words[words.indexOf("dev") + 1] ?? "";
    if (words[0] === "add") {
      const address = words[1] ?? "";
      return [{ action: `address ${address.includes("/") ? address : `${address}/32`}`, part: this.of(device) }];
    }
    if (words[0] === "flush") return [{ action: "addresses flushed", part: this.of(words.at(-1)!) }];
    return [];
  }
}

/** net.ipv4.conf.DEV.NAME=VALUE belongs to the device, any other setting to the host. */
function setting(text: string, parts: Parts): Effect {
  const [name = "", value = ""] = text.split("=");
  const own = /^net\.ipv4\.conf\.(.+)\.(\w+)$/.exec(name.replaceAll("/", "."));
  const action = `${own?.[2] ?? name.replace(/^net\.ipv4\./, "")} ${value}`;
  return { action, part: own === null ? "the host" : parts.of(own[1]!) };
}

/** `echo VALUE >/proc/sys/...`; any other file is none of the network's. */
function written([, value = "", target = ""]: readonly string[], parts: Parts): Effect[] {
  const path = /^>\/proc\/sys\/(net\/.*)$/.exec(target)?.[1];
  return path === undefined ? [] : [setting(`${path.replaceAll("/", ".")}=${value}`, parts)];
}
