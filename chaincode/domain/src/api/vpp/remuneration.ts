import { integer, nullable, object, optional } from '../../decode';
import { limits } from '../../limits';
import { coalitionIdCodec } from '../../vpp/formation/ids';
import { coalitionCodec } from '../../vpp/formation/rows';
import { remunerationCodec } from '../../vpp/remuneration/rows';
import { commandFields } from '../common';
import { exampleCommandId } from '../examples';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { exampleCoalitionId, verifierRoles } from './common';

const contract = 'vpp';
const coalitionFields = { coalitionId: coalitionIdCodec };
const example = { commandId: exampleCommandId, coalitionId: exampleCoalitionId };

/** The transactions of the contract `vpp` in which coalitions are paid. */
export const remunerationTransactions = {
  remunerate: submitSpec(contract, 'remunerate', {
    roles: verifierRoles,
    request: object({ ...commandFields, ...coalitionFields }),
    response: remunerationCodec,
    errors: ['VPP_OFF', 'VPP_COALITION_UNKNOWN', 'VPP_COALITION_STATE'],
    facts: ['CoalitionRemunerated', 'PrequalificationLost'],
    summary:
      'Pays a coalition that has been measured out of what its buyer has locked; where later readings change it, the difference only.',
    example,
  }),
  releaseServicePayment: submitSpec(contract, 'releaseServicePayment', {
    roles: verifierRoles,
    request: object({ ...commandFields, ...coalitionFields }),
    response: coalitionCodec,
    errors: ['VPP_COALITION_UNKNOWN', 'VPP_COALITION_STATE', 'VPP_PAYMENT_RELEASED', 'VPP_PAYMENT_HELD'],
    facts: ['ServicePaymentReleased'],
    summary: 'Gives a buyer back what is left of a payment once late readings do not count any more.',
    example,
  }),
  getRemuneration: evaluateSpec(contract, 'getRemuneration', {
    roles: 'anyone',
    request: object({ ...coalitionFields, version: optional(integer(1, limits.amendmentVersionMax)) }),
    response: object({ remuneration: nullable(remunerationCodec) }),
    errors: [],
    summary: 'Answers what a coalition was paid, in the last version or the one that is asked for, or null.',
    example: { coalitionId: exampleCoalitionId },
  }),
} as const;
