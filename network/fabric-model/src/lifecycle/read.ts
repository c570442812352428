import { peer } from '@hyperledger/fabric-protos';

import { NO_BYTES } from '../common/bytes';
import { decodeOr, FabricModelError } from '../common/errors';
import { compareKeys } from '../common/keys';
import { decodeApplicationPolicy, encodeApplicationPolicy } from '../policy/encode';
import type { KeyWrite } from '../rwset/types';
import type { StateReader } from '../state/types';
import { decodeCollections, encodeCollections } from './collections';
import type { ChaincodeDefinition } from './types';

const { lifecycle } = peer;

/** Namespace in which Fabric keeps the committed chaincode definitions. */
export const LIFECYCLE_NAMESPACE = '_lifecycle';

const METADATA_PREFIX = 'namespaces/metadata/';
const DATATYPE = 'ChaincodeDefinition';
/** The order is that of Fabric's structure, which its metadata row repeats. */
const FIELDS = ['Sequence', 'EndorsementInfo', 'ValidationInfo', 'Collections'] as const;
type Field = (typeof FIELDS)[number];

function fieldKey(name: string, field: Field): string {
  return `namespaces/fields/${name}/${field}`;
}

/** Key of the sequence of a definition: every endorsement of the chaincode reads it. */
export function sequenceKey(name: string): string {
  return fieldKey(name, 'Sequence');
}

/** The definition under this name, from a getter of _lifecycle keys; undefined when the name was never committed. */
export function definitionFrom(
  getKey: (key: string) => Uint8Array | undefined,
  name: string,
): ChaincodeDefinition | undefined {
  const metadataBytes = getKey(`${METADATA_PREFIX}${name}`);
  if (metadataBytes === undefined) {
    return undefined;
  }
  return decodeOr('LIFECYCLE_UNREADABLE', `The definition of chaincode ${name}`, () => {
    const datatype = lifecycle.StateMetadata.deserializeBinary(metadataBytes).getDatatype();
    if (datatype !== DATATYPE) {
      throw new FabricModelError('LIFECYCLE_UNREADABLE', `${name} is not a chaincode but a ${datatype}.`);
    }
    const field = (which: Field): InstanceType<typeof lifecycle.StateData> =>
      lifecycle.StateData.deserializeBinary(getKey(fieldKey(name, which)) ?? NO_BYTES);
    const sequence = field('Sequence').getInt64();
    const endorsement = lifecycle.ChaincodeEndorsementInfo.deserializeBinary(field('EndorsementInfo').getBytes_asU8());
    const validation = lifecycle.ChaincodeValidationInfo.deserializeBinary(field('ValidationInfo').getBytes_asU8());
    return {
      name,
      sequence,
      version: endorsement.getVersion(),
      initRequired: endorsement.getInitRequired(),
      endorsementPlugin: endorsement.getEndorsementPlugin(),
      validationPlugin: validation.getValidationPlugin(),
      endorsementPolicy: decodeApplicationPolicy(validation.getValidationParameter_asU8()),
      collections: decodeCollections(field('Collections').getBytes_asU8()),
    };
  });
}

/** The committed definition as the state holds it; undefined when the name was never committed. */
export function readChaincodeDefinition(state: StateReader, name: string): ChaincodeDefinition | undefined {
  return definitionFrom((key) => state.get(LIFECYCLE_NAMESPACE, key)?.value, name);
}

/** Names of all committed chaincodes, in key order. */
export function listChaincodeNames(state: StateReader): readonly string[] {
  const names: string[] = [];
  for (const row of state.range(LIFECYCLE_NAMESPACE, METADATA_PREFIX, 'namespaces/metadata0')) {
    if (lifecycle.StateMetadata.deserializeBinary(row.value).getDatatype() === DATATYPE) {
      names.push(row.key.slice(METADATA_PREFIX.length));
    }
  }
  return names;
}

function bytesRow(bytes: Uint8Array): Uint8Array {
  const data = new lifecycle.StateData();
  data.setBytes(bytes);
  return data.serializeBinary();
}

function sequenceRow(sequence: number): Uint8Array {
  const data = new lifecycle.StateData();
  data.setInt64(sequence);
  return data.serializeBinary();
}

/** The rows under _lifecycle that hold this definition, sorted by key, byte for byte as a real peer writes them. */
export function chaincodeDefinitionWrites(definition: ChaincodeDefinition): readonly KeyWrite[] {
  const endorsement = new lifecycle.ChaincodeEndorsementInfo();
  endorsement.setVersion(definition.version);
  endorsement.setInitRequired(definition.initRequired);
  endorsement.setEndorsementPlugin(definition.endorsementPlugin);
  const validation = new lifecycle.ChaincodeValidationInfo();
  validation.setValidationPlugin(definition.validationPlugin);
  validation.setValidationParameter(encodeApplicationPolicy(definition.endorsementPolicy));
  const metadata = new lifecycle.StateMetadata();
  metadata.setDatatype(DATATYPE);
  metadata.setFieldsList([...FIELDS]);
  const rows: KeyWrite[] = [
    { key: `${METADATA_PREFIX}${definition.name}`, value: metadata.serializeBinary() },
    { key: fieldKey(definition.name, 'Sequence'), value: sequenceRow(definition.sequence) },
    { key: fieldKey(definition.name, 'EndorsementInfo'), value: bytesRow(endorsement.serializeBinary()) },
    { key: fieldKey(definition.name, 'ValidationInfo'), value: bytesRow(validation.serializeBinary()) },
    { key: fieldKey(definition.name, 'Collections'), value: bytesRow(encodeCollections(definition.collections)) },
  ];
  return rows.sort((left, right) => compareKeys(left.key, right.key));
}
