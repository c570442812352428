/** Where things are inside of the containers; the images of nodes have the first two by themselves. */
export const NODE_CONFIG = '/etc/hyperledger/fabric';
export const NODE_DATA = '/var/hyperledger';
/** Where the official peer image keeps the builder for chaincode as a service. */
export const NODE_BUILDER = '/opt/hyperledger/ccaas_builder';
/** What a chaincode container needs of its organisation: its own certificate and key. */
export const CHAINCODE_MATERIAL = '/etc/hyperledger/chaincode';
/** What an application needs: the description of the network, its own identity and the root of its peers. */
export const CLIENT_MATERIAL = '/etc/hyperledger/client';
export const CLIENT_DATA = '/var/hyperledger/client';
/** What `deploy` needs: administrators, and the public certificates of all nodes. */
export const ADMINISTRATION = '/etc/hyperledger/administration';
/** The parent of every volume in the container that fills them. */
export const VOLUMES = '/volumes';
/** What an operator of one organisation brings: `organizations/` with its own keys, and `channels/`. */
export const BROUGHT = '/brought';
/** The description of the network in our own image. */
export const TOPOLOGY_FILE = '/srv/topology.yaml';
/** The file below NODE_CONFIG with what a peer's chaincode builder fills in. */
export const BUILDER_FILE = 'chaincode.json';
/** The file below CLIENT_MATERIAL that describes the network as containers see it. */
export const CLIENT_TOPOLOGY = 'topology.json';
