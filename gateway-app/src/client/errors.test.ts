import { classifyBeforeSubmit, classifyCommit, Conflict, LedgerError, RuleRejected, Unavailable } from './errors';
import { GatewayFailure } from './gateway-failure';
import { validationCodeName } from '@flexledger/fabric-model';

const COLLECTED = 'failed to collect enough transaction endorsements, see attached details for more info';
const FIRST = 'failed to endorse transaction, see attached details for more info';
const REUSED =
  'chaincode response 500, COMMAND_REUSED: The command id was used before with another content. {"commandId":"0a"}';

function endorseFailure(grpcCode: number, summary: string, messages: readonly string[] = []): GatewayFailure {
  const details = messages.map((message, index) => ({
    address: `peer${index}:7051`,
    mspId: `Org${index}MSP`,
    message,
  }));
  return new GatewayFailure({ stage: 'endorse', grpcCode, summary, details, transactionId: 'tx' });
}

describe('a failure before the submit', () => {
  test('is the refusal of a rule, with its code, sentence and details, when the first endorser gives one', () => {
    const error = classifyBeforeSubmit(endorseFailure(10, FIRST, [REUSED]), undefined);
    expect(error).toBeInstanceOf(RuleRejected);
    expect(error).toMatchObject({
      kind: 'rule',
      code: 'COMMAND_REUSED',
      sentence: 'The command id was used before with another content.',
      details: { commandId: '0a' },
      transient: false,
    });
  });

  test('keeps the transient mark of the registry', () => {
    const text = 'chaincode response 500, ACCESS_NOT_BOOTSTRAPPED: The founding rules are not approved. {}';
    expect(classifyBeforeSubmit(endorseFailure(10, FIRST, [text]), undefined)).toMatchObject({ transient: true });
  });

  test('is read from the summary of an evaluation, which puts its own words before the code', () => {
    const failure = new GatewayFailure({
      stage: 'evaluate',
      grpcCode: 2,
      summary: `evaluate call to endorser returned error: ${REUSED}`,
    });
    expect(classifyBeforeSubmit(failure, undefined)).toMatchObject({ kind: 'rule', code: 'COMMAND_REUSED' });
  });

  test('is a conflict when the first endorser agreed and another, which may be behind, refused by a rule', () => {
    const error = classifyBeforeSubmit(endorseFailure(10, COLLECTED, [REUSED]), undefined);
    expect(error).toMatchObject({ kind: 'conflict', code: 'LEDGER_ENDORSERS_DISAGREE' });
  });

  test('is the refusal of a rule when all named endorsers refuse with the same code', () => {
    const endorsers = ['Org0MSP', 'Org1MSP', 'Org2MSP'];
    const all = classifyBeforeSubmit(endorseFailure(10, COLLECTED, [REUSED, REUSED, REUSED]), endorsers);
    const some = classifyBeforeSubmit(endorseFailure(10, COLLECTED, [REUSED, REUSED]), endorsers);
    expect([all.kind, some.kind]).toEqual(['rule', 'conflict']);
  });

  test('is a conflict when payloads do not match', () => {
    const error = classifyBeforeSubmit(
      endorseFailure(10, COLLECTED, ['ProposalResponsePayloads do not match']),
      undefined,
    );
    expect(error).toBeInstanceOf(Conflict);
    expect(error.code).toBe('LEDGER_ENDORSEMENT_MISMATCH');
  });

  test.each([
    [14, 'no connection established', 'unavailable'],
    [4, 'endorsement timeout expired', 'unavailable'],
    [9, 'no combination of peers can be derived which satisfy the endorsement policy', 'unavailable'],
    [10, 'failed to collect enough transaction endorsements', 'unavailable'],
    [2, 'too many requests for /gateway.Gateway, exceeding concurrency limit (500)', 'unavailable'],
    [2, 'something else', 'ledger'],
    [7, 'permission denied', 'ledger'],
    [3, 'invalid argument', 'ledger'],
    [8, 'message larger than max', 'ledger'],
  ])('with gRPC code %i (%s) is of kind %s', (grpcCode, summary, kind) => {
    expect(classifyBeforeSubmit(endorseFailure(grpcCode, summary), undefined).kind).toBe(kind);
  });

  test('does not wait where the peer refuses the certificate', () => {
    const error = classifyBeforeSubmit(
      endorseFailure(10, FIRST, ['error validating proposal: access denied: channel [c] creator org [X]']),
      undefined,
    );
    expect(error).toMatchObject({ kind: 'ledger', code: 'LEDGER_ACCESS_DENIED' });
  });

  test('is no refusal of a rule when the contract fails without a code of ours', () => {
    const codes = ['chaincode response 500, out of memory', 'chaincode response 500, NOT_OURS: A sentence. {}'].map(
      (message) => classifyBeforeSubmit(endorseFailure(10, FIRST, [message]), undefined),
    );
    expect(codes.map(({ kind, code }) => [kind, code])).toEqual([
      ['ledger', 'LEDGER_CONTRACT_FAILED'],
      ['ledger', 'LEDGER_CONTRACT_FAILED'],
    ]);
  });

  test('is no refusal of a rule when the program contradicts itself', () => {
    const text = 'chaincode response 500, INVARIANT_BROKEN: A case was forgotten. {}';
    const error = classifyBeforeSubmit(endorseFailure(10, FIRST, [text]), undefined);
    expect(error).not.toBeInstanceOf(RuleRejected);
    expect(error).toMatchObject({ kind: 'ledger', code: 'INVARIANT_BROKEN' });
  });

  test('says what every node said, and which deadline has passed', () => {
    const failure = new GatewayFailure({
      stage: 'endorse',
      grpcCode: 4,
      summary: 'deadline exceeded',
      details: [{ address: 'peer0.tso:7051', mspId: 'TsoMSP', message: 'chaincode is down' }],
      deadlineMs: 15_000,
    });
    expect(classifyBeforeSubmit(failure, undefined)).toBeInstanceOf(Unavailable);
    expect(failure.message).toBe(
      'endorse failed with DEADLINE_EXCEEDED (the endorse deadline of 15000 ms): deadline exceeded ' +
        '[TsoMSP at peer0.tso:7051: chaincode is down]',
    );
  });
});

describe('a commit code', () => {
  test.each([
    [11, 'conflict', 'MVCC_READ_CONFLICT'],
    [12, 'conflict', 'PHANTOM_READ_CONFLICT'],
    [17, 'conflict', 'EXPIRED_CHAINCODE'],
    [18, 'conflict', 'CHAINCODE_VERSION_CONFLICT'],
    [10, 'ledger', 'ENDORSEMENT_POLICY_FAILURE'],
    [4, 'ledger', 'BAD_CREATOR_SIGNATURE'],
  ])('%i is of kind %s and named %s', (code, kind, name) => {
    const error = classifyCommit(code, validationCodeName(code), 'tx', 7n);
    expect(error).toBeInstanceOf(LedgerError);
    expect(error).toMatchObject({ kind, code: name, transactionId: 'tx' });
  });
});
