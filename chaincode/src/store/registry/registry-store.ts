import {
  assetCodec,
  governanceCodec,
  gridCodec,
  gridOperatorCodec,
  keyChangeCodec,
  keyOwnerCodec,
  meterCodec,
  meterIdentityCodec,
  participantAssetCodec,
  participantCodec,
  proposalCodec,
  rowCodec,
} from '@flexledger/domain';
import { keys } from '../keys';
import { PrivateRowKeeper, RowKeeper } from '../row-keeper';
import { RowMemory } from '../row-memory';

/** The governance in force: one row, which only an approved proposal changes. */
export const governances = new RowKeeper(rowCodec(governanceCodec), keys.governance, new RowMemory(16));
export const proposals = new RowKeeper(rowCodec(proposalCodec), keys.proposal);
export const participants = new RowKeeper(rowCodec(participantCodec), keys.participant, new RowMemory(4_096));
export const grids = new RowKeeper(rowCodec(gridCodec), keys.grid, new RowMemory(16));
/** Which organisation operates a grid, where it was registered while the rule set had rules of flexibility. */
export const gridOperators = new RowKeeper(rowCodec(gridOperatorCodec), keys.gridOperator);
export const meters = new RowKeeper(rowCodec(meterCodec), keys.meter, new RowMemory(4_096));
export const meterKeys = new RowKeeper(rowCodec(keyOwnerCodec), keys.meterKey);
export const meterKeyChanges = new RowKeeper(rowCodec(keyChangeCodec), keys.meterKeyChange);
/** Which meters a participant has, so that settlement finds them without looking through all. */
export const participantMeters = new RowKeeper(rowCodec(keyOwnerCodec), keys.participantMeter);
/** Which meters a grid has, so that a feeder's are found without looking through all. */
export const gridMeters = new RowKeeper(rowCodec(keyOwnerCodec), keys.gridMeter);
export const assets = new RowKeeper(rowCodec(assetCodec), keys.asset);
/** Which assets of a participant have been put into service while the rule set asked for them. */
export const participantAssets = new RowKeeper(rowCodec(participantAssetCodec), keys.participantAsset);
/** Confidential: who is behind a meter's pseudonym. */
export const meterIdentities = new PrivateRowKeeper('profiles', rowCodec(meterIdentityCodec), keys.meterIdentity);
