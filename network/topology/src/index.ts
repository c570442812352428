export type {
  ApplicationSpec,
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
} from './topology-types';
export { TopologyError, TopologyLookupError } from './topology-error';
export type { TopologyProblem } from './topology-error';
export { loadTopology, parseTopology } from './parse-topology';
export { faultTolerantProfile } from './fault-tolerant-profile';
export { topologyWarnings } from './check-topology';
export { parseSignaturePolicy, policyMspIds, SignaturePolicyError } from './signature-policy';
export type { PrincipalRole, SignaturePolicy } from './signature-policy';
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
} from './topology-helpers';
export { enrolIdentity, ensureCryptoMaterial } from './crypto/crypto-material';
export { assertCertificatesUsable, CertificateError } from './crypto/check-certificates';
export { EXPIRY_WARNING_DAYS, listCertificates, type ListedCertificate } from './crypto/list-certificates';
export { readRevocations, revokeIdentity, type RevokedCertificate } from './crypto/revocation';
export type { CryptoOptions } from './crypto/crypto-material';
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
} from './crypto/crypto-layout';
export type { IdentityFolders } from './crypto/crypto-layout';
export { createAuthority, generatePrivateKey, issueCertificate } from './crypto/certificate-authority';
export type { CertificateRequest, CertificateUse, KeyAndCertificate, Validity } from './crypto/certificate-authority';
export { CryptoMaterialError, readIdentity, readLocalMsp, readPeerEndpoint } from './crypto/read-material';
export type { IdentityMaterial, PeerEndpoint } from './crypto/read-material';
