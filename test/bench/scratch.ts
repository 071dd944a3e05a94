import { Path } from "./path.ts";
const path = new Path({});
for (const len of [Number(process.argv[2] ?? 60)]) { path.drive(100000,len,8); for (let i=0;i<8;i++) console.log(len, path.drive(300000,len,8).nanos.toFixed(0)); }
