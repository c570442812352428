import type { ErrorRow } from './error-row';

const caller = { whoFixes: 'caller', transient: false } as const;
const nobody = { whoFixes: 'nobody', transient: false } as const;

/** Refusals of contracts between two, in precedence order. */
export const contractErrors = [
  {
    code: 'CONTRACT_NOT_OFFERED',
    meaning: 'The rule set in force has no commitments book, and so no contracts between two.',
    whoFixes: 'operator',
    transient: true,
  },
  {
    code: 'CONTRACT_UNKNOWN',
    meaning: 'There is no contract with this id.',
    whoFixes: 'caller',
    transient: true,
  },
  { code: 'CONTRACT_NOT_PARTY', meaning: 'The participant is neither seller nor buyer of the contract.', ...caller },
  {
    code: 'CONTRACT_CLOSED',
    meaning: 'The contract has been accepted, rejected or withdrawn, or has expired.',
    ...nobody,
  },
  { code: 'CONTRACT_EXPIRED', meaning: 'The slot up to which the offer can be answered has begun.', ...nobody },
  {
    code: 'CONTRACT_NOT_EXPIRED',
    meaning: 'The offer can still be answered.',
    whoFixes: 'caller',
    transient: true,
  },
  { code: 'CONTRACT_NOT_YOUR_TURN', meaning: "The last offer is the participant's own.", ...caller },
  { code: 'CONTRACT_NOT_OWN_OFFER', meaning: "The last offer is the other side's.", ...caller },
  {
    code: 'CONTRACT_TERMS_CHANGED',
    meaning: 'The last offer has other terms than those that are accepted.',
    ...caller,
  },
  { code: 'CONTRACT_ROUNDS_TOO_MANY', meaning: 'There were too many offers in this contract.', ...caller },
  {
    code: 'CONTRACT_PARTIES_CHANGED',
    meaning: 'An answer names another seller, buyer or grid than the contract.',
    ...caller,
  },
  { code: 'CONTRACT_SELF', meaning: 'Seller and buyer are the same.', ...caller },
  { code: 'CONTRACT_BUS_UNKNOWN', meaning: 'The participant has no meter at this bus of the grid.', ...caller },
  { code: 'CONTRACT_PERIOD', meaning: 'The first slot does not begin an interval of this length.', ...caller },
  {
    code: 'CONTRACT_SERIES',
    meaning: 'A contract names one energy for all intervals or one for each, and not only zeros.',
    ...caller,
  },
  {
    code: 'CONTRACT_DEADLINE',
    meaning: 'The slot up to which the offer can be answered has begun, or lies after the first slot of the contract.',
    ...caller,
  },
  {
    code: 'CONTRACT_SESSION_PENDING',
    meaning: 'A session of the grid is between its gate and its clearing, which must not change meanwhile.',
    whoFixes: 'caller',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];

/** Refusals of contracts that are asked for after the commitments book, in precedence order. */
export const contractCapacityErrors = [
  {
    code: 'CONTRACT_PREEMPTION_TOO_DEAR',
    meaning: 'To displace other promises would cost more than the buyer agreed to pay for it.',
    ...caller,
  },
  {
    code: 'CONTRACT_GRID_LIMIT',
    meaning: 'A branch of the grid cannot carry the energy beside what it carries already.',
    ...caller,
  },
] as const satisfies readonly ErrorRow[];
