/** The network that libvirt ships and distributions install: NAT behind virbr0, DHCP for 253 guests. */
export const DEFAULT_NETWORK = `<network>
  <name>default</name>
  <bridge name='virbr0'/>
  <forward/>
  <ip address='192.168.122.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.168.122.2' end='192.168.122.254'/>
    </dhcp>
  </ip>
</network>
`;
