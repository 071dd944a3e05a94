/** What a rule brings along: modules that the kernel loads for its matches and targets. */
interface Spec {
  readonly matches: readonly { readonly kind: string }[];
  readonly target: { readonly kind: string };
}

/** physdev_mt_check loads br_netfilter. */
export const usesPhysdev = ({ matches }: Spec): boolean => matches.some(({ kind }) => kind === "physdev");

const TRACKING_TARGETS: readonly string[] = ["snat", "dnat", "masquerade", "redirect", "netmap", "connmark"];

/** nf_ct_netns_get, which these call when they are checked. Not xt_ct_tg_check for --notrack: nothing is tracked for its sake. */
export const usesConntrack = ({ matches, target }: Spec): boolean =>
  TRACKING_TARGETS.includes(target.kind) || matches.some(({ kind }) => kind === "conntrack" || kind === "connmark");
