import { EmulatedBridge, throughKernel } from "./test/stack/netfilter/bridged-box.ts";
import { ruleSet, shot } from "./test/stack/netfilter/grammar.ts";
import { Random } from "./src/engine/random.ts";
import { toHex } from "./src/base/bytes.ts";
for (let seed=10; seed<60; seed++) {
const r = new Random(seed+100, "netfilter-shots");
const shots = Array.from({length:120}, () => shot(r));
const lines = ruleSet(new Random(seed,"netfilter-rules"));
const m = new EmulatedBridge(lines).run(shots), k = throughKernel(lines,shots);
const norm=(l:string)=>l.split(" ")[0]+" "+l.split(" ")[1]!.slice(0,36)+"----"+l.split(" ")[1]!.slice(40,48)+"----"+l.split(" ")[1]!.slice(52);
let n=0;
for (const [i,s] of shots.entries()) { const a=m.seen[i]!.map(norm).join("\n"), b=k.seen[i]!.map(norm).join("\n"); if (a!==b && n++<2) console.log(seed, i, s.port, toHex(s.bytes),"\nmine\n"+a+"\nreal\n"+b); }
console.log(seed, n, m.list===k.list);
if (m.list!==k.list) { const A=m.list.split("\n"),B=k.list.split("\n"); A.forEach((l,i)=>l!==B[i]&&console.log("mine",l,"\nreal",B[i])); }
}
