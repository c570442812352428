import { manifest, type JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot, foundedLedger, tick } from './testing/actors';
import { MemoryLedger, type MemoryCaller } from './testing/memory-ledger';
import { codeOf } from './testing/refusal';

const { regulator, tso } = callers;

function ticking(changes: JsonObject = {}): JsonObject {
  return { commandId: command('t'), fromSlot: firstSlot, toSlot: firstSlot, ...changes };
}

describe('a call', () => {
  const bytes = (text: string) => Buffer.from(text);

  it('names one transaction in full; what only looks like one is unknown', async () => {
    const ledger = await foundedLedger();
    const names = [
      '',
      ':',
      'tick',
      ':tick',
      'registry:',
      'registry',
      'registry:tick\n',
      'registry:tick:',
      'registry:Tick',
      'registry:__proto__',
      '__proto__:x',
      'constructor:x',
      'toString:x',
      'registry:constructor',
      'registry:createContext',
      'registry:beforeTransaction',
      'registry:submit',
      'registry:\u0442ick',
    ];
    for (const name of names) {
      expect([name, await codeOf(ledger, () => ledger.call(tso, [name, '{}']))]).toEqual([
        name,
        'CALL_FUNCTION_UNKNOWN',
      ]);
    }
    expect(await codeOf(ledger, () => ledger.call(tso, []))).toBe('CALL_FUNCTION_UNKNOWN');
  });

  it('has exactly one argument', async () => {
    const ledger = await foundedLedger();
    expect(await codeOf(ledger, () => ledger.call(tso, ['registry:tick']))).toBe('CALL_ARGUMENTS_COUNT');
    expect(await codeOf(ledger, () => ledger.call(tso, ['registry:tick', '{}', '']))).toBe('CALL_ARGUMENTS_COUNT');
    expect(await codeOf(ledger, () => ledger.call(tso, ['registry:getClock']))).toBe('CALL_ARGUMENTS_COUNT');
  });

  it('is refused before its bytes are replaced, parsed twice or too deep', async () => {
    const ledger = await foundedLedger();
    const attempt = (request: string | Uint8Array) =>
      codeOf(ledger, () => ledger.call(tso, ['registry:getClock', request]));
    expect(await attempt(Buffer.of(0x7b, 0xff, 0x7d))).toBe('INPUT_NOT_UTF8');
    expect(await attempt(bytes('{"a":1,"a":1}'))).toBe('INPUT_NOT_JSON');
    expect(await attempt('{"__proto__":{}}')).toBe('INPUT_NOT_JSON');
    expect(await attempt('['.repeat(200_000))).toBe('INPUT_NOT_JSON');
    expect(await attempt(`"${'x'.repeat(10_000_000)}"`)).toBe('INPUT_TOO_LARGE');
    expect(await attempt('')).toBe('INPUT_NOT_JSON');
    expect(await attempt('\ufeff{}')).toBe('INPUT_NOT_JSON');
    expect(await attempt('[]')).toBe('INPUT_FIELD_INVALID');
    expect(await attempt('null')).toBe('INPUT_FIELD_INVALID');
    expect(await attempt('{"a":1}')).toBe('INPUT_FIELD_UNKNOWN');
    expect(await attempt('{}')).toBe('ACCEPTED');
  });

  it('takes numbers in one form only', async () => {
    const ledger = await foundedLedger();
    const forms = [
      '""',
      '"0x1F"',
      '"1"',
      '1e3',
      '1.0',
      '1.5',
      '-0',
      '-1',
      '01',
      '+1',
      '1e400',
      'Infinity',
      'NaN',
      'null',
    ];
    for (const form of [...forms, '9007199254740993', '100000000', 'true', '[1]', '" 7 "']) {
      const request = `{"commandId":"${command('t')}","fromSlot":${form},"toSlot":${firstSlot}}`;
      const code = await codeOf(ledger, () => ledger.call(tso, ['registry:tick', request]));
      expect([form, code]).toEqual([form, expect.stringMatching(/^INPUT_(NOT_JSON|FIELD_INVALID)$/)]);
    }
  });

  it('takes ids in one form only', async () => {
    const ledger = await foundedLedger();
    const ids = ['', 'a', command('t').toUpperCase(), `${command('t')}0`, 'o'.repeat(26), '\u0430'.repeat(26)];
    for (const id of [...ids, `_${command('t').slice(1)}`, `\u202e${command('t').slice(1)}`, 'x'.repeat(900_000)]) {
      expect(await codeOf(ledger, () => ledger.submit(tso, 'registry:tick', ticking({ commandId: id })))).toBe(
        'INPUT_FIELD_INVALID',
      );
    }
  });
});

describe('access', () => {
  const everyone: readonly MemoryCaller[] = [
    ...Object.values(callers),
    { mspId: 'TsoMSP' },
    { mspId: 'TsoMSP', role: 'admin' },
    { mspId: 'TsoMSP', role: 'market' },
    { mspId: 'StrangerMSP', role: 'tso' },
  ];

  /** What the manifest says about a caller after the founding. */
  function expected(spec: (typeof manifest)[number], { mspId, role }: MemoryCaller): string | undefined {
    if (spec.mode === 'evaluate' && spec.roles === 'anyone') {
      return undefined;
    }
    const known = Object.values(callers).find((caller) => caller.role === role);
    if (known === undefined) {
      return 'ACCESS_ROLE_MISSING';
    }
    if (spec.roles !== 'anyone' && !spec.roles.includes(known.role)) {
      return 'ACCESS_ROLE_REFUSED';
    }
    return known.mspId === mspId ? undefined : 'ACCESS_ORGANISATION_REFUSED';
  }

  it.each(manifest.map((spec) => [`${spec.contract}:${spec.name}`, spec] as const))(
    'to %s is what the manifest says, for every role and organisation',
    async (name, spec) => {
      const ledger = await foundedLedger();
      const transient = spec.transient === undefined ? {} : { [spec.transient.key]: confidentialExample(name) };
      for (const caller of everyone) {
        const code = await codeOf(ledger, async () => {
          await ledger.call(caller, [name, JSON.stringify(spec.example)], { transient });
        });
        const found = code.startsWith('ACCESS_') ? code : undefined;
        expect([caller, code, found]).toEqual([caller, code, expected(spec, caller)]);
      }
    },
  );

  it('is not gained by naming a role in the request', async () => {
    const ledger = await foundedLedger();
    const request = ticking({ role: 'tso', mspId: 'TsoMSP' });
    expect(await codeOf(ledger, () => ledger.submit(callers.market, 'registry:tick', request))).toBe(
      'INPUT_FIELD_UNKNOWN',
    );
  });

  it('does not depend on what a certificate is called, only on its MSP and attribute', async () => {
    const ledger = await foundedLedger();
    const slashed = { mspId: 'TsoMSP/RegulatorMSP', role: 'regulator' };
    expect(await codeOf(ledger, () => ledger.submit(slashed, 'registry:tick', ticking()))).toBe(
      'ACCESS_ORGANISATION_REFUSED',
    );
  });
});

describe('a command', () => {
  it('sent again has the same answer and writes nothing', async () => {
    const ledger = await foundedLedger();
    const first = await ledger.submit(regulator, 'registry:tick', ticking());
    const before = ledger.snapshot();
    const { reads: _reads, ...again } = await ledger.submit(regulator, 'registry:tick', ticking());
    expect(again).toEqual({ response: first.response, writes: [], purges: [], event: undefined });
    expect(ledger.snapshot()).toBe(before);
  });

  it('is the same in another order of keys and with spaces', async () => {
    const ledger = await foundedLedger();
    await ledger.submit(regulator, 'registry:tick', ticking());
    const text = ` {"toSlot": ${firstSlot},\n"fromSlot":${firstSlot}, "commandId":"${command('t')}"} `;
    expect((await ledger.call(regulator, ['registry:tick', text])).writes).toEqual([]);
  });

  it('with the id of another content, transaction or organisation is refused', async () => {
    const ledger = await foundedLedger();
    await ledger.submit(regulator, 'registry:tick', ticking());
    const reused = (caller: MemoryCaller, name: string, request: JsonObject) =>
      codeOf(ledger, () => ledger.submit(caller, name, request));
    expect(await reused(regulator, 'registry:tick', ticking({ toSlot: firstSlot + 1 }))).toBe('COMMAND_REUSED');
    expect(await reused(tso, 'registry:tick', ticking())).toBe('COMMAND_REUSED');
    const suspension = { commandId: command('t'), participantId: command('somebody'), reason: 'None' };
    expect(await reused(regulator, 'registry:suspendParticipant', suspension)).toBe('COMMAND_REUSED');
  });

  it('writes one row per key, each in its format, and emits one event', async () => {
    const ledger = await foundedLedger();
    const outcome = await ledger.submit(regulator, 'registry:tick', ticking({ toSlot: firstSlot + 3 }));
    const keys = outcome.writes.map(({ place, key }) => `${place}${key}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect([...keys]).toEqual([...keys].sort((a, b) => (a < b ? -1 : 1)));
    for (const { value } of outcome.writes) {
      expect(JSON.parse(Buffer.from(value).toString('utf8'))).toMatchObject({ v: 1 });
    }
    expect(outcome.event).toEqual({
      v: 1,
      commandId: command('t'),
      contract: 'registry',
      transaction: 'tick',
      ruleSet: 1,
      facts: [{ type: 'ClockTicked', fromSlot: firstSlot, toSlot: firstSlot + 3 }],
    });
  });

  it('that was refused can be sent again and succeed', async () => {
    const ledger = await foundedLedger();
    const late = ticking({ fromSlot: firstSlot + 1, toSlot: firstSlot + 1 });
    await tick(ledger, firstSlot - 1, firstSlot - 1);
    expect(await codeOf(ledger, () => ledger.submit(tso, 'registry:tick', late))).toBe('CLOCK_NOT_CONTINUOUS');
    await tick(ledger, firstSlot, firstSlot);
    expect((await ledger.submit(tso, 'registry:tick', late)).response).toEqual({
      fromSlot: firstSlot + 1,
      toSlot: firstSlot + 1,
    });
  });
});

describe('before the founding', () => {
  it('nothing is known and everything but founding is refused', async () => {
    const ledger = new MemoryLedger();
    expect(await ledger.evaluate({ mspId: 'Anyone' }, 'registry:getGovernance', {})).toEqual({ governance: null });
    expect(await codeOf(ledger, () => ledger.submit(tso, 'registry:tick', ticking()))).toBe('ACCESS_NOT_BOOTSTRAPPED');
  });
});

/** A confidential part that decodes, for calls that must reach the check of access. */
function confidentialExample(name: string): JsonObject | JsonObject[] {
  const id = command('x');
  const salt = Buffer.alloc(16).toString('base64url');
  switch (name) {
    case 'registry:registerMeters':
      return [{ meterId: id, meteringPoint: 'DE 1', salt }];
    case 'metering:recordProfiles':
      return { blocks: [{}] };
    case 'vpp:recordDispatch':
      return { salt, setPoints: [{ assetId: id, powersW: ['1'] }] };
    case 'vpp:openTelemetry':
    case 'vpp:openTestTelemetry':
      return { salt, minutes: Array.from({ length: 15 }, () => ({ importW: '0', exportW: '1' })) };
    case 'flexibility:fileSiteReport':
      return { meterId: id, keyVersion: 1, startSlot: 1_626_048, slots: 1, devices: [], signature: 'A'.repeat(86) };
    default: {
      const order = { orderId: id, salt, side: 'buy', interval: 0, energyWh: '1', limitPriceMicroPerKwh: '1' };
      return { orders: [order] };
    }
  }
}
