import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { organizationMspFolder, type Organization } from '@flexledger/topology';
import { msp } from '@hyperledger/fabric-protos';

/**
 * The public MSP of an organisation as it stands in the channel configuration. An organisation that orders and endorses
 * has the same bytes in both groups: the files are read in sorted order and protobuf fields are written in their order.
 */
export function organizationMspConfig(directory: string, organization: Organization): msp.MSPConfig {
  const folder = organizationMspFolder(directory, organization);
  const roots = readAll(join(folder, 'cacerts'));
  const crypto = new msp.FabricCryptoConfig();
  crypto.setSignatureHashFamily('SHA2');
  crypto.setIdentityIdentifierHashFunction('SHA256');
  const config = new msp.FabricMSPConfig();
  config.setName(organization.mspId);
  config.setRootCertsList(roots);
  config.setTlsRootCertsList(readAll(join(folder, 'tlscacerts')));
  config.setCryptoConfig(crypto);
  const lists = join(folder, 'crls');
  config.setRevocationListList(existsSync(lists) ? readAll(lists) : []);
  config.setFabricNodeOus(nodeUnits(roots[0] ?? Buffer.alloc(0)));
  const wrapped = new msp.MSPConfig();
  wrapped.setType(0);
  wrapped.setConfig(config.serializeBinary());
  return wrapped;
}

function nodeUnits(certificate: Uint8Array): msp.FabricNodeOUs {
  const unit = (name: string): msp.FabricOUIdentifier => {
    const identifier = new msp.FabricOUIdentifier();
    identifier.setCertificate(certificate);
    identifier.setOrganizationalUnitIdentifier(name);
    return identifier;
  };
  const units = new msp.FabricNodeOUs();
  units.setEnable(true);
  units.setClientOuIdentifier(unit('client'));
  units.setPeerOuIdentifier(unit('peer'));
  units.setAdminOuIdentifier(unit('admin'));
  units.setOrdererOuIdentifier(unit('orderer'));
  return units;
}

function readAll(folder: string): Buffer[] {
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)));
}
