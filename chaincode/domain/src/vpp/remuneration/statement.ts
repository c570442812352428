import { array, boolean, integer, object, optional, type TypeOf } from '../../decode';
import type { ParticipantId } from '../../ids';
import { limits } from '../../limits';
import { microCodec } from '../../units';
import { postingSetKey, postingSetKeyCodec, rowKeyCodec } from '../../settlement/rows';
import { serviceDirectionCodec } from '../directions';
import { coalitionIdCodec } from '../formation/ids';
import { coalitionStateCodec, type Coalition } from '../formation/rows';
import { serviceKindCodec } from '../service/kinds';
import { sharingRuleCodec } from '../sharing/rules';
import { remuneratedSliceCodec, remunerationLineCodec, type Remuneration } from './rows';

/** How the last version of a remuneration explains what a participant got of it. */
const explainedRemunerationCodec = object({
  version: integer(1, limits.amendmentVersionMax),
  /** For the whole coalition, slice by slice: what was promised, called and delivered, and what capacity and energy pay and shortfalls cost. */
  slices: array(remuneratedSliceCodec, limits.slicesPerRequestMax, 1),
  paidMicro: microCodec,
  penaltyMicro: microCodec,
  operatorMicro: microCodec,
  /** The rule of sharing that the rule set names, and the one that was applied. */
  rule: sharingRuleCodec,
  appliedRule: sharingRuleCodec,
  inCore: optional(boolean),
  /** What of it is the participant's. */
  line: remunerationLineCodec,
});

/** A coalition in which assets of a participant served, as a statement tells it: it is paid with posting sets of its own. */
export const statementCoalitionCodec = object({
  coalitionId: coalitionIdCodec,
  kind: serviceKindCodec,
  direction: serviceDirectionCodec,
  state: coalitionStateCodec,
  /** Absent while it is not paid, and where the participant took no part in the end. */
  remuneration: optional(explainedRemunerationCodec),
  /** The ledger keys of the coalition and of every version of its remuneration, and the posting sets of these. */
  inputs: array(rowKeyCodec, limits.amendmentVersionMax + 1, 1),
  postingSets: array(postingSetKeyCodec, limits.amendmentVersionMax),
});
export type StatementCoalition = TypeOf<typeof statementCoalitionCodec>;

/** The ledger key of a version of a remuneration, as text. */
export function remunerationKey({ coalitionId, version }: Pick<Remuneration, 'coalitionId' | 'version'>): string {
  return `vpp-remuneration/${coalitionId}/${String(version).padStart(4, '0')}`;
}

/** Explains what a coalition was worth to a participant, by the last version of its remuneration. */
export function statementCoalition(
  { coalitionId, direction, kind, state }: Coalition,
  last: Remuneration | undefined,
  participantId: ParticipantId,
): StatementCoalition {
  const line = last?.lines.find((one) => one.participantId === participantId);
  const versions = Array.from({ length: last?.version ?? 0 }, (_, index) => ({ coalitionId, version: index + 1 }));
  return {
    coalitionId,
    kind,
    direction,
    state,
    ...(last === undefined || line === undefined ? {} : { remuneration: explained(last, line) }),
    inputs: [`coalition/${coalitionId}`, ...versions.map(remunerationKey)],
    postingSets: versions.map((version) => postingSetKey({ kind: 'vpp', ...version })),
  };
}

function explained(
  last: Remuneration,
  line: Remuneration['lines'][number],
): NonNullable<StatementCoalition['remuneration']> {
  const { appliedRule, inCore, operatorMicro, paidMicro, penaltyMicro, rule, slices, version } = last;
  const core = inCore === undefined ? {} : { inCore };
  return { version, slices, paidMicro, penaltyMicro, operatorMicro, rule, appliedRule, ...core, line };
}
