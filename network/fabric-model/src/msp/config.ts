import { msp } from '@hyperledger/fabric-protos';

import { NO_BYTES } from '../common/bytes';
import { decodeOr, FabricModelError } from '../common/errors';

/** Roles that NodeOUs tell apart. */
export type NodeRole = 'client' | 'peer' | 'admin' | 'orderer';

/** The organisational units that stand for roles; a role without a unit cannot be recognised. */
export interface NodeOus {
  readonly enabled: boolean;
  readonly client?: string;
  readonly peer?: string;
  readonly admin?: string;
  readonly orderer?: string;
  /** PEM of the authority that must have certified the role; without it any authority of the MSP may. */
  readonly certificates?: Readonly<Partial<Record<NodeRole, Uint8Array>>>;
}

/** An organisational unit to which identities of the MSP must belong, with the authority that certifies it (PEM). */
export interface RequiredUnit {
  readonly unit: string;
  readonly certificate: Uint8Array;
}

/** Configuration of an MSP; certificates and revocation lists as PEM bytes. */
export interface MspConfig {
  readonly mspId: string;
  readonly rootCertificates: readonly Uint8Array[];
  readonly intermediateCertificates: readonly Uint8Array[];
  readonly adminCertificates: readonly Uint8Array[];
  readonly revocationLists: readonly Uint8Array[];
  readonly organizationalUnits: readonly RequiredUnit[];
  readonly nodeOus?: NodeOus;
  readonly tlsRootCertificates: readonly Uint8Array[];
  readonly tlsIntermediateCertificates: readonly Uint8Array[];
}

const TYPE_FABRIC = 0;

function ouOf(message: msp.FabricOUIdentifier | undefined, role: NodeRole): Partial<Record<NodeRole, string>> {
  return message === undefined ? {} : { [role]: message.getOrganizationalUnitIdentifier() };
}

function nodeOusOf(message: msp.FabricNodeOUs): NodeOus {
  const units = {
    client: message.getClientOuIdentifier(),
    peer: message.getPeerOuIdentifier(),
    admin: message.getAdminOuIdentifier(),
    orderer: message.getOrdererOuIdentifier(),
  };
  const certificates: Partial<Record<NodeRole, Uint8Array>> = {};
  for (const role of ['client', 'peer', 'admin', 'orderer'] as const) {
    const certificate = units[role]?.getCertificate_asU8() ?? NO_BYTES;
    if (certificate.length > 0) {
      certificates[role] = certificate;
    }
  }
  return {
    enabled: message.getEnable(),
    ...ouOf(units.client, 'client'),
    ...ouOf(units.peer, 'peer'),
    ...ouOf(units.admin, 'admin'),
    ...ouOf(units.orderer, 'orderer'),
    certificates,
  };
}

/** Reads the bytes of an MSPConfig; throws MSP_CONFIG_UNREADABLE or MSP_TYPE_UNSUPPORTED. */
export function decodeMspConfig(bytes: Uint8Array): MspConfig {
  return decodeOr('MSP_CONFIG_UNREADABLE', 'The MSP configuration', () => {
    const outer = msp.MSPConfig.deserializeBinary(bytes);
    if (outer.getType() !== TYPE_FABRIC) {
      throw new FabricModelError('MSP_TYPE_UNSUPPORTED', 'Only X.509 MSPs are modelled.');
    }
    const config = msp.FabricMSPConfig.deserializeBinary(outer.getConfig_asU8());
    const nodeOus = config.getFabricNodeOus();
    return {
      mspId: config.getName(),
      rootCertificates: config.getRootCertsList_asU8(),
      intermediateCertificates: config.getIntermediateCertsList_asU8(),
      adminCertificates: config.getAdminsList_asU8(),
      revocationLists: config.getRevocationListList_asU8(),
      organizationalUnits: config.getOrganizationalUnitIdentifiersList().map((unit) => ({
        unit: unit.getOrganizationalUnitIdentifier(),
        certificate: unit.getCertificate_asU8(),
      })),
      ...(nodeOus === undefined ? {} : { nodeOus: nodeOusOf(nodeOus) }),
      tlsRootCertificates: config.getTlsRootCertsList_asU8(),
      tlsIntermediateCertificates: config.getTlsIntermediateCertsList_asU8(),
    };
  });
}

function ouMessage(unit: string, certificate: Uint8Array | undefined): msp.FabricOUIdentifier {
  const message = new msp.FabricOUIdentifier();
  message.setOrganizationalUnitIdentifier(unit);
  message.setCertificate(certificate ?? NO_BYTES);
  return message;
}

function nodeOusMessage(nodeOus: NodeOus): msp.FabricNodeOUs {
  const identifier = (role: NodeRole): msp.FabricOUIdentifier | undefined => {
    const unit = nodeOus[role];
    return unit === undefined ? undefined : ouMessage(unit, nodeOus.certificates?.[role]);
  };
  const message = new msp.FabricNodeOUs();
  message.setEnable(nodeOus.enabled);
  message.setClientOuIdentifier(identifier('client'));
  message.setPeerOuIdentifier(identifier('peer'));
  message.setAdminOuIdentifier(identifier('admin'));
  message.setOrdererOuIdentifier(identifier('orderer'));
  return message;
}

/** Bytes of an MSPConfig, as they stand in a channel configuration. */
export function encodeMspConfig(config: MspConfig): Uint8Array {
  const crypto = new msp.FabricCryptoConfig();
  crypto.setSignatureHashFamily('SHA2');
  crypto.setIdentityIdentifierHashFunction('SHA256');
  const message = new msp.FabricMSPConfig();
  message.setName(config.mspId);
  message.setRootCertsList([...config.rootCertificates]);
  message.setIntermediateCertsList([...config.intermediateCertificates]);
  message.setAdminsList([...config.adminCertificates]);
  message.setRevocationListList([...config.revocationLists]);
  message.setOrganizationalUnitIdentifiersList(config.organizationalUnits.map((o) => ouMessage(o.unit, o.certificate)));
  message.setCryptoConfig(crypto);
  message.setTlsRootCertsList([...config.tlsRootCertificates]);
  message.setTlsIntermediateCertsList([...config.tlsIntermediateCertificates]);
  message.setFabricNodeOus(config.nodeOus === undefined ? undefined : nodeOusMessage(config.nodeOus));
  const outer = new msp.MSPConfig();
  outer.setType(TYPE_FABRIC);
  outer.setConfig(message.serializeBinary());
  return outer.serializeBinary();
}
