/** What a topology may say under `timing:`. The model's own figures stand with its servers. */

/** Every name, with the sentence an editor shows. */
export const TIMINGS: Readonly<Record<string, string>> = {
  "netback-tx-wake": "from a guest's event to netback's poll",
  "netback-tx-per-frame": "netback takes one frame from a guest's transmit ring",
  "netback-rx-wake": "from a frame for a guest to netback's guest-rx thread running",
  "netback-rx-per-frame": "netback copies one frame into a guest's receive ring",
  "guest-wake": "from netback's event to the guest's poll",
  "guest-per-frame": "a guest takes one frame from its receive ring",
  "nic-wake": "from a frame on the wire to the NIC's poll in dom0",
  "nic-link": "from a NIC of dom0 coming up to its link",
  "nic-per-frame": "dom0 takes one frame from its NIC",
};
