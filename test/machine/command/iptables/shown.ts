/** What the lists of command lines have in common. */

/** All the ways to look at the rules of a table. */
export const shown = (table = ""): string[] => {
  const iptables = table === "" ? "iptables" : `iptables -t ${table}`;
  return [
    `${iptables} -S`,
    `${iptables} -L`,
    `${iptables} -L -n`,
    `${iptables} -nvL`,
    `${iptables} -nvxL --line-numbers`,
    `${iptables} -vS`,
  ];
};

export const SHOW = [...shown(), "iptables-save -c"];

export const rulesOf = (chain: string, rules: readonly string[], table = ""): string[] =>
  rules.map((rule) => `iptables ${table === "" ? "" : `-t ${table} `}-A ${chain} ${rule}`.trimEnd());
