import {
  exampleFlexibilityRules,
  exampleFounding,
  examplePeriodSlot,
  exampleRuleSet,
  requestDigestOf,
  signedCommandBytes,
  slot,
  type CommandId,
  type JsonObject,
} from '@flexledger/domain';
import {
  callers,
  channel,
  command,
  foundedLedger,
  participantEntry,
  registerAggregator,
  registerGrid,
  Signer,
  tick,
} from './actors';
import type { CallOutcome, MemoryCaller, MemoryLedger } from './memory-ledger';
import { codeOf } from './refusal';

/** The day of the scene's requests, and the slots of what happens before it. */
export const day = {
  /** Midnight in Berlin. */
  periodSlot: examplePeriodSlot,
  /** The first slot of the peak: 18:00. */
  peakSlot: examplePeriodSlot + 72,
  /** The clock begins here: the noon before. */
  clockSlot: examplePeriodSlot - 48,
  answerBySlot: examplePeriodSlot - 8,
  orderBySlot: examplePeriodSlot + 60,
} as const;

/** Where and when, as a request says it. */
export const header = {
  gridId: 'rural-1',
  congestionPointId: 'transformer',
  periodSlot: day.periodSlot,
  ispMinutes: 15,
  timeZone: 'Europe/Berlin',
} as const;
export const place = { gridId: 'rural-1', congestionPointId: 'transformer', periodSlot: day.periodSlot } as const;

/** A grid with rules of flexibility, two aggregators and a producer; the clock stands at the noon before the day. */
export class FlexScene {
  public readonly agg = new Signer();
  public readonly other = new Signer();
  public readonly producer = new Signer();

  private constructor(public readonly ledger: MemoryLedger) {}

  /** A scene whose rules of flexibility are the example's with some changes. */
  public static async create(rules: JsonObject = {}, clockSlot: number = day.clockSlot): Promise<FlexScene> {
    const made = new FlexScene(await foundedLedger());
    const { ledger } = made;
    await made.changeRules({ flexibility: { ...exampleFlexibilityRules, ...rules } });
    await registerGrid(ledger);
    await registerAggregator(ledger, made.agg);
    await registerAggregator(ledger, made.other);
    const commandId = command('producer');
    const participants = [participantEntry(made.producer, commandId, {}, 'producer')];
    await ledger.submit(callers.market, 'registry:registerParticipants', { commandId, participants });
    await tick(ledger, clockSlot, clockSlot);
    return made;
  }

  /** Puts another rule set into force. */
  public changeRules(changes: JsonObject, number = 2): Promise<void> {
    return this.change(`rules ${number}`, { kind: 'ruleSet', ruleSet: { ...exampleRuleSet, number, ...changes } });
  }

  /** Gives an organisation the role of a system operator beside the one that has registered the grid. */
  public grantDso(mspId: string): Promise<void> {
    const others = exampleFounding.roles.filter(({ role }) => role !== 'dso');
    const roles = [...others, { role: 'dso', mspIds: ['DsoMSP', mspId] }] as unknown as JsonObject[];
    return this.change(`dso ${mspId}`, { kind: 'roles', roles });
  }

  /** Keeps a participant out of new business. */
  public async suspend(signer: Signer): Promise<void> {
    const { participantId } = signer;
    const request = { commandId: command(`suspend ${participantId}`), participantId, reason: 'Unpaid' };
    await this.ledger.submit(callers.regulator, 'registry:suspendParticipant', request);
  }

  /** Pays into the fund of the scene's grid. */
  public fund(amountMicro: string, label = 'once'): Promise<CallOutcome> {
    const fields = { gridId: header.gridId, amountMicro, reference: 'Transfer 1' };
    return this.send('fundFlexibility', fields, `${label} ${amountMicro}`, callers.market);
  }

  /** Pays into the account of a participant. */
  public pay(signer: Signer, amountMicro: string): Promise<CallOutcome> {
    const { participantId } = signer;
    const commandId = command(`pay ${participantId}`);
    const request = { commandId, participantId, amountMicro, reference: 'Transfer 2' };
    return this.ledger.submit(callers.market, 'accounts:fund', request);
  }

  private async change(label: string, change: JsonObject): Promise<void> {
    const proposed = await this.ledger.submit(callers.regulator, 'registry:propose', {
      commandId: command(label),
      change,
    });
    const { proposalDigest = '', proposalId = '' } = proposed.response;
    for (const caller of [callers.tso, callers.market]) {
      const commandId = command(`${label} ${caller.mspId}`);
      await this.ledger.submit(caller, 'registry:approve', { commandId, proposalId, proposalDigest });
    }
  }

  /** Lets the clock go on until a slot has begun. */
  public async tickTo(toSlot: number): Promise<void> {
    const { clock } = await this.ledger.evaluate(callers.tso, 'registry:getClock', {});
    const { lastSlot } = clock as { readonly lastSlot: number };
    for (let from = lastSlot + 1; from <= toSlot; from += 96) {
      await tick(this.ledger, from, Math.min(from + 95, toSlot));
    }
  }

  /** Sends a transaction of the contract that no participant signs. */
  public send(
    transaction: string,
    fields: JsonObject,
    label = 'once',
    caller: MemoryCaller = callers.dso,
  ): Promise<CallOutcome> {
    const commandId = command(`${transaction} ${label}`);
    return this.ledger.submit(caller, `flexibility:${transaction}`, { commandId, ...fields });
  }

  /** Sends a transaction of the contract that a participant has signed, through its organisation. */
  public sendSigned(
    signer: Signer,
    transaction: string,
    fields: JsonObject,
    label = 'once',
    caller: MemoryCaller = signer === this.producer ? callers.market : callers.aggregator,
  ): Promise<CallOutcome> {
    const request = {
      commandId: command(`${transaction} ${label} ${signer.participantId}`),
      participantId: signer.participantId,
      expirySlot: day.periodSlot + 90,
      ...fields,
    };
    return this.ledger.submit(caller, `flexibility:${transaction}`, signedBy(signer, transaction, request));
  }

  /** A read of the contract. */
  public ask(transaction: string, fields: JsonObject): Promise<JsonObject> {
    return this.ledger.evaluate(callers.regulator, `flexibility:${transaction}`, fields);
  }

  /** The code with which something is refused. */
  public code(work: () => Promise<unknown>): Promise<string> {
    return codeOf(this.ledger, work);
  }

  /** A flat D-prognosis of the whole day. */
  public prognose(signer: Signer, changes: JsonObject = {}, label = 'once'): Promise<CallOutcome> {
    const isps = [{ startSlot: day.periodSlot, slots: 96, importW: '60000', exportW: '0' }];
    return this.sendSigned(signer, 'fileDPrognosis', { ...header, revision: 1, isps, ...changes }, label);
  }

  /** The request of the peak: an hour of 20 to 60 kW less, and 10 kW more at most around midnight. */
  public async requested(
    changes: JsonObject = {},
    label = 'once',
  ): Promise<JsonObject & { readonly requestId: string }> {
    const { response } = await this.send('requestFlexibility', requestFields(changes), label);
    return response as JsonObject & { readonly requestId: string };
  }

  /** An offer to a request. */
  public async offered(
    signer: Signer,
    requestId: string,
    options: readonly JsonObject[] = [option('all')],
    changes: JsonObject = {},
    label = 'once',
  ): Promise<JsonObject & { readonly offerId: string }> {
    const fields = { ...header, requestId, options: [...options], orderBySlot: day.orderBySlot, ...changes };
    const { response } = await this.sendSigned(signer, 'offerFlexibility', fields, label);
    return response as JsonObject & { readonly offerId: string };
  }
}

/** The fields of the scene's request. */
export function requestFields(changes: JsonObject = {}): JsonObject {
  return {
    ...header,
    revision: 1,
    isps: [
      {
        startSlot: day.peakSlot,
        slots: 4,
        disposition: 'requested',
        direction: 'reduce',
        minW: '20000',
        maxW: '60000',
      },
      {
        startSlot: day.peakSlot + 12,
        slots: 8,
        disposition: 'available',
        direction: 'increase',
        minW: '0',
        maxW: '10000',
        againstMaxW: '5000',
      },
    ],
    answerBySlot: day.answerBySlot,
    ...changes,
  };
}

/** An option that answers the scene's request with 20 kW for 5 in the hour of the peak. */
export function option(optionRef: string, changes: JsonObject = {}): JsonObject {
  return {
    optionRef,
    isps: [{ startSlot: day.peakSlot, slots: 4, direction: 'reduce', powerW: '20000' }],
    priceMicro: '5000000',
    minActivationFactorPpm: '500000',
    ...changes,
  };
}

/** What the option comes to at a factor, as an order names it. */
export function orderOf(offerId: string, optionRef: string, factorPercent = 100n, powerW = 20_000n): JsonObject {
  const isps = [0, 1, 2, 3].map((index) => ({
    slot: day.peakSlot + index,
    direction: 'reduce',
    powerW: ((powerW * factorPercent) / 100n).toString(),
  }));
  const activationFactorPpm = (factorPercent * 10_000n).toString();
  return { offerId, optionRef, activationFactorPpm, isps, priceMicro: (50_000n * factorPercent).toString() };
}

/** Signs a request of the contract as its participant. */
export function signedBy(
  signer: Signer,
  transaction: string,
  request: JsonObject & { readonly commandId: CommandId; readonly expirySlot: number },
): JsonObject {
  const { commandId, expirySlot } = request;
  const requestDigest = requestDigestOf(request);
  const signedPart = { channel, commandId, contract: 'flexibility', requestDigest, transaction };
  return { ...request, signature: signer.sign(signedCommandBytes({ ...signedPart, expirySlot: slot(expirySlot) })) };
}
