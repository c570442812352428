import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainFailure } from '../cli-errors';
import { disaggregate, disaggregatedLines } from './disaggregate';
import { readDisaggregationFile } from './disaggregation-file';

const SECONDS_MAX = 30_000;

function refusal(text: string): { readonly code: string; readonly exitCode: number } {
  try {
    readDisaggregationFile(text);
  } catch (error) {
    const { line, exitCode } = explainFailure(error);
    return { code: line.split(':', 1)[0]!, exitCode };
  }
  return { code: 'read', exitCode: 0 };
}

describe('the example of docs/disaggregation.md', () => {
  it('comes out as the order asks, proven', async () => {
    const page = readFileSync(join(__dirname, '../../../docs/disaggregation.md'), 'utf8');
    const [, text = ''] = /^cat > order\.json <<'END'\n(.*?)\nEND$/ms.exec(page) ?? [];
    const found = await disaggregate(readDisaggregationFile(text), SECONDS_MAX);
    expect(found).toMatchObject({
      chosen: ['heat-pump', 'car', 'battery'],
      objectiveMicro: 461_700n,
      boundMicro: 461_700n,
      gapPpm: 0n,
      isWithinGap: true,
    });
    expect(found.slots.map(({ shortfallMicroWh }) => shortfallMicroWh)).toEqual([0n, 0n, 0n]);
    expect(found.profiles.map(({ costMicro }) => costMicro)).toEqual([166_600n, 170_100n, 125_000n]);
    expect(disaggregatedLines(found).at(-1)).toBe('objective 461700, bound 461700 micro-units, gap 0 ppm');
  });
});

describe('a case for disaggregation', () => {
  it('takes amounts as numbers or texts, and fills in what most assets do not have', () => {
    const band = { minWh: 1, maxWh: '9007199254740993', priceMicroPerKwh: 5, maxWhBySlot: [7] };
    const file = {
      slots: [{ direction: 'reduce', requestedWh: 7 }],
      shortfallMicroPerKwh: 9,
      assets: [{ assetId: 'a', reduce: band }],
    };
    const { asked, gapPpmMax } = readDisaggregationFile(JSON.stringify(file));
    expect(gapPpmMax).toBe(0n);
    expect(asked.assets[0]).toEqual({
      assetId: 'a',
      participantId: 'a',
      reduce: { minWh: 1n, maxWh: 9_007_199_254_740_993n, priceMicroPerKwh: 5n, maxWhBySlot: [7n] },
      noticeSlots: 0,
      runSlotsMax: 1,
      restSlots: 0,
      callsMax: 1,
      callCostMicro: 0n,
      rebound: [],
      earlierWh: 0n,
    });
  });

  it.each([
    ['no JSON', 'RULES_NOT_JSON', '{"slots":'],
    ['no object', 'RULES_FIELD_INVALID', '[]'],
    ['a field that is unknown', 'RULES_FIELD_UNKNOWN', '{"slots":[],"orders":[]}'],
    ['no slots', 'RULES_FIELD_INVALID', '{"slots":[],"assets":[],"shortfallMicroPerKwh":1}'],
    [
      'a fraction',
      'RULES_FIELD_INVALID',
      '{"slots":[{"direction":"reduce","requestedWh":0.5}],"assets":[],"shortfallMicroPerKwh":1}',
    ],
    [
      'no price of a shortfall',
      'RULES_FIELD_INVALID',
      '{"slots":[{"direction":"reduce","requestedWh":5}],"assets":[]}',
    ],
  ])('with %s is refused', (_what, code, text) => {
    expect(refusal(text)).toEqual({ code, exitCode: 20 });
  });
});
