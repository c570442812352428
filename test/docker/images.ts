/** What has to be on the machine: the nodes come as these images, ours are built on the third. */
export const IMAGES = [
  'hyperledger/fabric-orderer:3.1.5',
  'hyperledger/fabric-peer:3.1.5',
  'node:24.11.1-bookworm-slim',
] as const;
