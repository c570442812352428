import { array, boolean, integer, object, oneOf, optional, union, type TypeOf } from '../decode';
import {
  elementIdCodec,
  digestCodec,
  freeTextCodec,
  mspIdCodec,
  publicKeyCodec,
  roleCodec,
  signatureCodec,
} from '../field-codecs';
import { participantIdCodec, proposalIdCodec } from '../ids';
import { limits } from '../limits';
import { ruleSetCodec } from '../rule-set';
import { slotCodec } from '../time';
import { varCodec, wCodec } from '../units';

const mspIdsCodec = array(mspIdCodec, limits.organisationsMax, 1);

/** Which organisations hold a role. */
export const roleGrantCodec = object({ role: roleCodec, mspIds: mspIdsCodec });

/** The fields of what the consortium agrees on. */
export const foundingFields = {
  authorities: mspIdsCodec,
  members: mspIdsCodec,
  roles: array(roleGrantCodec, 7, 1),
  timekeepers: mspIdsCodec,
  oracles: mspIdsCodec,
  ruleSet: ruleSetCodec,
};

/** What the consortium agrees on when it is founded. */
export const foundingCodec = object(foundingFields);
export type Founding = TypeOf<typeof foundingCodec>;

/** A change of the governance in force. */
export const changeCodec = union({
  ruleSet: object({ ruleSet: ruleSetCodec }),
  roles: object({ roles: array(roleGrantCodec, 7, 1) }),
  timekeepers: object({ timekeepers: mspIdsCodec }),
  oracles: object({ oracles: mspIdsCodec }),
});
export type Change = TypeOf<typeof changeCodec>;

/** The governance in force; `version` counts its changes from 1. */
export const governanceCodec = object({ ...foundingFields, version: integer(1, 1_000_000) });
export type Governance = TypeOf<typeof governanceCodec>;

/** What a proposal would do: found the consortium or change its governance. */
export const proposedCodec = union({
  founding: object({ founding: foundingCodec }),
  change: object({ change: changeCodec }),
});
export type Proposed = TypeOf<typeof proposedCodec>;

/** A proposal and who has approved it. `digest` is over what it proposes and its id; approvers name it. */
export const proposalCodec = object({
  proposalId: proposalIdCodec,
  proposed: proposedCodec,
  digest: digestCodec,
  /** The version of the governance that it would change; 0 for a founding. */
  governanceVersion: integer(0, 1_000_000),
  approvals: array(mspIdCodec, limits.organisationsMax, 1),
  state: oneOf('PENDING', 'EFFECTIVE'),
});
export type Proposal = TypeOf<typeof proposalCodec>;

/** What a participant is: an aggregator signs for itself what it does with the flexibility of the prosumers of its programmes. */
export const participantKindCodec = oneOf('prosumer', 'supplier', 'producer', 'aggregator');

/**
 * A participant as it asks to be registered. `signature` is its signed command over this entry (requestDigestOf the encoded entry),
 * contract registry, transaction registerParticipants, the command id of the request and expirySlot 99999999: it proves that who
 * registers holds the key.
 */
export const participantEntryCodec = object({
  publicKey: publicKeyCodec,
  kind: participantKindCodec,
  /** True where a gateway keeps the key for the participant. */
  custodial: boolean,
  /** Most power that its connection can take or give. */
  connectionLimitW: wCodec,
  signature: signatureCodec,
});
export type ParticipantEntry = TypeOf<typeof participantEntryCodec>;

/** From which slot a participant is suspended, why, and from which slot it is readmitted; absent as long as it is not. */
export const suspensionCodec = object({
  fromSlot: slotCodec,
  reason: freeTextCodec,
  toSlot: optional(slotCodec),
  readmissionReason: optional(freeTextCodec),
});
export type Suspension = TypeOf<typeof suspensionCodec>;

/** A registered participant. */
export const participantCodec = object({
  participantId: participantIdCodec,
  publicKey: publicKeyCodec,
  kind: participantKindCodec,
  custodial: boolean,
  connectionLimitW: wCodec,
  /** The organisation that registered it and carries its commands. */
  mspId: mspIdCodec,
  state: oneOf('ACTIVE', 'SUSPENDED'),
  /** Suspensions that began with a slot, in order; absent where there was none. */
  suspensions: optional(array(suspensionCodec, limits.suspensionsMax, 1)),
});
export type Participant = TypeOf<typeof participantCodec>;

export const busCodec = object({ id: elementIdCodec, name: freeTextCodec, voltageV: integer(1, 1_000_000) });
const microOhmCodec = integer(0, 1_000_000_000_000);
const millivoltCodec = integer(1, 1_000_000_000);

/** A line or transformer joins two buses. */
export const branchCodec = object({
  id: elementIdCodec,
  fromBus: elementIdCodec,
  toBus: elementIdCodec,
  limitW: wCodec,
  /** Series resistance and reactance, referred to the voltage of the buses behind the transformer; absent for none. */
  resistanceMicroOhm: optional(microOhmCodec),
  reactanceMicroOhm: optional(microOhmCodec),
});

/** What voltages may be, line to line, referred to the side of the buses behind the transformer. */
export const voltageBandsCodec = object({
  /** The voltage at which the grid above holds its bus. */
  slackMillivolt: millivoltCodec,
  buses: array(
    object({
      busId: elementIdCodec,
      minimumMillivolt: millivoltCodec,
      maximumMillivolt: millivoltCodec,
      /** Reactive power that is taken there whatever is traded; absent for none. */
      reactiveTakenVar: optional(varCodec),
    }),
    limits.busesPerGridMax,
    1,
  ),
});
/** An element whose flow is watched, with its limits in both directions. */
export const congestionPointCodec = object({
  id: elementIdCodec,
  elementId: elementIdCodec,
  importLimitW: wCodec,
  exportLimitW: wCodec,
});

/** The fields of a grid. */
export const gridFields = {
  gridId: elementIdCodec,
  buses: array(busCodec, limits.busesPerGridMax, 2),
  lines: array(branchCodec, limits.linesPerGridMax),
  transformer: branchCodec,
  congestionPoints: array(congestionPointCodec, limits.congestionPointsPerGridMax),
  /** Absent where nobody watches voltages. */
  voltages: optional(voltageBandsCodec),
};

/** A grid: a tree of buses joined by lines and fed by one transformer. */
export const gridCodec = object(gridFields);
export type Grid = TypeOf<typeof gridCodec>;

/** The ledger clock's head, for evaluate only: the last slot that has begun. */
export const clockHeadCodec = object({ firstSlot: slotCodec, lastSlot: slotCodec });
export type ClockHead = TypeOf<typeof clockHeadCodec>;

/** Who began a slot. */
export const clockSlotCodec = object({ timekeeper: mspIdCodec });
export type ClockSlot = TypeOf<typeof clockSlotCodec>;
