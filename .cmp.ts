import { NetNamespace } from "/work/wt/netfilter/test/kit/netns.ts";
import { typed } from "/work/wt/netfilter/test/machine/on-machine.ts";
import { withLoopback } from "/work/wt/netfilter/test/machine/command/twin.ts";
import { SCRIPTS, RESTORE } from "/work/wt/netfilter/test/machine/command/iptables/scripts.ts";
let n=0,bad=0;
for (const [name, lines] of Object.entries({...SCRIPTS, restore: RESTORE})) {
  if (process.argv[2] && !name.includes(process.argv[2])) continue;
  const real = new NetNamespace(); const m = withLoopback();
  console.log("=== "+name);
  for (const line of lines) {
    n++;
    const e0 = typed(m, line); const r0 = real.run(line); const st=(x:any)=>({...x,out:x.out.replace(/^(# .* on ).*$/gm,"$1TIME")}); const e=st(e0), r=st(r0);
    if (e.out===r.out && e.err===r.err && e.code===r.code) continue;
    bad++;
    console.log("$ "+line+(e.code!==r.code?`   code mine ${e.code} real ${r.code}`:""));
    const a=(e.out+e.err).split("\n"), b=(r.out+r.err).split("\n");
    for (const l of b) if(!a.includes(l)) console.log("  real: "+JSON.stringify(l));
    for (const l of a) if(!b.includes(l)) console.log("  mine: "+JSON.stringify(l));
    if ([...a].sort().join()===[...b].sort().join()) console.log("  (order)");
  }
  real.remove();
}
console.log(n, "lines", bad, "differ");
