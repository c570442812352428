import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from '../cli-errors';
import { chooseCoalition, coalitionLines } from './coalition';
import { readCoalitionFile } from './coalition-file';

const SECONDS_MAX = 30_000;

function refusal(text: string): { readonly code: string; readonly exitCode: number } {
  try {
    readCoalitionFile(text);
  } catch (error) {
    const { line, exitCode } = explainFailure(error);
    return { code: line.split(':', 1)[0]!, exitCode };
  }
  return { code: 'read', exitCode: 0 };
}

describe('the example of docs/coalition.md', () => {
  it('is served by the assets that fit, proven', async () => {
    const page = readFileSync(join(__dirname, '../../../docs/coalition.md'), 'utf8');
    const [, text = ''] = /^cat > coalition\.json <<'END'\n(.*?)\nEND$/ms.exec(page) ?? [];
    const found = await chooseCoalition(readCoalitionFile(text), SECONDS_MAX);
    expect(found.served).toEqual([
      { requestId: 'mfrr', slicesW: [1_000_000n, 1_000_000n] },
      { requestId: 'capacity', slicesW: [500_000n, 500_000n] },
    ]);
    expect(found.assignments.map(({ assetId }) => assetId)).toEqual(['battery', 'generator', 'slow']);
    expect(found).toMatchObject({ gapPpm: 0n, isWithinGap: true, boundNano: found.objectiveNano });
    expect(coalitionLines(found).at(-1)).toMatch(/gap 0 ppm$/);
  });
});

describe('a case for coalitions', () => {
  it('takes amounts as numbers or texts, fills in what most do not have, and weighs prices', () => {
    const file = {
      steps: 2,
      weights: { profit: 500_000, wear: 250_000 },
      assets: [
        { assetId: 'a', up: { maxW: '9007199254740993', costMicroPerKwh: 5, wearMicroPerKwh: 10, maxWByStep: [7, 8] } },
      ],
      requests: [{ requestId: 'r', direction: 'up', minW: 1, maxW: 2, capacityPriceMicroPerKwh: 3 }],
    };
    const { asked, gapPpmMax } = readCoalitionFile(JSON.stringify(file));
    expect(gapPpmMax).toBe(0n);
    expect(asked.assets[0]).toMatchObject({
      participantId: 'a',
      up: { minW: 0n, maxW: 9_007_199_254_740_993n, costMicroPerKwh: 10n, keepMicroPerKwh: 0n, maxWByStep: [7n, 8n] },
      runStepsMax: 2,
    });
    expect(asked.requests[0]).toMatchObject({ slices: 2, sliceSteps: 1, stepW: 1n, assetsMin: 1 });
  });

  it.each([
    ['no JSON', 'RULES_NOT_JSON', '{"steps":'],
    ['no object', 'RULES_FIELD_INVALID', '[]'],
    ['an unknown field', 'RULES_FIELD_UNKNOWN', '{"steps":1,"assets":[],"requests":[],"extra":1}'],
    ['no assets', 'RULES_FIELD_INVALID', '{"steps":1,"requests":[]}'],
    [
      'an amount below zero',
      'RULES_FIELD_INVALID',
      '{"steps":1,"requests":[],"assets":[{"assetId":"a","up":{"maxW":-1}}]}',
    ],
    [
      'a profit that counts nothing',
      'RULES_FIELD_INVALID',
      '{"steps":1,"assets":[],"requests":[],"weights":{"profit":0}}',
    ],
    ['a weight of something else', 'RULES_FIELD_UNKNOWN', '{"steps":1,"assets":[],"requests":[],"weights":{"luck":1}}'],
  ])('is refused with a code for %s', (_name, code, text) => {
    expect(refusal(text)).toEqual({ code, exitCode: 20 });
  });
});
