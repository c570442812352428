import { object } from '../decode';
import { freeTextCodec } from '../field-codecs';
import { commandIdCodec } from '../ids';
import { limitationCodec } from '../set-points/rows';
import { curtailmentFundCodec } from '../settlement/rows';
import { microCodec } from '../units';
import { commandFields } from './common';
import { exampleCommandId } from './examples';
import { evaluateSpec, submitSpec } from './transaction-spec';

const contract = 'accounts';

/** The transactions of the contract `accounts` about the money for what limits of the system operator hold back. */
export const curtailmentTransactions = {
  fundCurtailment: submitSpec(contract, 'fundCurtailment', {
    roles: ['market'],
    request: object({ ...commandFields, amountMicro: microCodec, reference: freeTextCodec }),
    response: curtailmentFundCodec,
    errors: ['ACCOUNTS_AMOUNT_ZERO', 'ACCOUNTS_BALANCE_TOO_HIGH'],
    facts: ['CurtailmentFunded'],
    summary: 'Issues money that the system operator has paid in for what its limits hold back.',
    example: { commandId: exampleCommandId, amountMicro: '50000000', reference: 'Transfer 4712' },
  }),
  releaseCurtailment: submitSpec(contract, 'releaseCurtailment', {
    roles: ['dso', 'market'],
    request: object({ ...commandFields, limitationId: commandIdCodec }),
    response: limitationCodec,
    errors: ['MARKET_LIMITATION_UNKNOWN', 'ACCOUNTS_LIMITATION_OPEN'],
    facts: ['CurtailmentReleased'],
    summary: 'Frees what was set aside for limits and has not been needed, once all their quarter hours are settled.',
    example: { commandId: exampleCommandId, limitationId: exampleCommandId },
  }),
  getCurtailmentFund: evaluateSpec(contract, 'getCurtailmentFund', {
    roles: 'anyone',
    request: object({}),
    response: curtailmentFundCodec,
    errors: [],
    summary: "Answers what of the system operator's fund for limits is not set aside.",
    example: {},
  }),
} as const;
