/** A classic pcap file of Ethernet frames, little-endian, with microseconds. */
export class CapturedFile {
  /** Time in seconds. */
  readonly frames: { readonly bytes: Uint8Array; readonly time: number }[] = [];

  constructor(file: Buffer) {
    for (let at = 24; at < file.length; ) {
      const length = file.readUInt32LE(at + 8);
      const time = file.readUInt32LE(at) + file.readUInt32LE(at + 4) / 1e6;
      this.frames.push({ bytes: new Uint8Array(file.subarray(at + 16, at + 16 + length)), time });
      at += 16 + length;
    }
  }
}
