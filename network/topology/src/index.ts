export type {
  BatchSettings,
  Chaincode,
  ChaincodeService,
  Channel,
  Collection,
  IdentitySpec,
  OrdererNode,
  Organization,
  PeerNode,
  Topology,
} from './topology-types.js';
export { TopologyError, TopologyLookupError } from './topology-error.js';
export type { TopologyProblem } from './topology-error.js';
export { loadTopology, parseTopology } from './parse-topology.js';
export { topologyWarnings } from './check-topology.js';
export { parseSignaturePolicy, policyMspIds, SignaturePolicyError } from './signature-policy.js';
export type { PrincipalRole, SignaturePolicy } from './signature-policy.js';
export {
  chaincodeAddress,
  findChaincode,
  findChannel,
  findOrganization,
  findOrganizationByMsp,
  findPeer,
  memberOrganizations,
  nodeAddress,
  nodeFullName,
  ordererOrganizations,
} from './topology-helpers.js';
export { ensureCryptoMaterial } from './crypto/crypto-material.js';
export type { CryptoOptions } from './crypto/crypto-material.js';
export {
  chaincodeClientFolder,
  chaincodeServerFolder,
  homeFolder,
  ordererFolders,
  ordererOrganizationFolder,
  organizationMspFolder,
  peerFolders,
  peerOrganizationFolder,
  userFolders,
} from './crypto/crypto-layout.js';
export type { IdentityFolders } from './crypto/crypto-layout.js';
export { createAuthority, generatePrivateKey, issueCertificate } from './crypto/certificate-authority.js';
export type {
  CertificateRequest,
  CertificateUse,
  KeyAndCertificate,
  Validity,
} from './crypto/certificate-authority.js';
export { CryptoMaterialError, readIdentity, readLocalMsp, readPeerEndpoint } from './crypto/read-material.js';
export type { IdentityMaterial, PeerEndpoint } from './crypto/read-material.js';
