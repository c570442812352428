import { addDirections, noMeasures, standingCodec, type Standing } from '@flexledger/domain';
import { readScoreboard, scoreboardLines } from './scoreboard';

function standing(mspId: string, model: string): Standing {
  const imported = {
    intervals: 20,
    missing: 4,
    actualWh: '1000',
    absoluteErrorWh: '250',
    pinballDeciWh: '900',
    covered: 16,
    compared: 20,
    comparedErrorWh: '250',
    yesterdayErrorWh: '500',
    nmaePpm: 250_000,
    coveragePpm: 800_000,
    skillPpm: 500_000,
  };
  const nothing = { ...imported, actualWh: '0', absoluteErrorWh: '0', yesterdayErrorWh: '0', comparedErrorWh: '0' };
  const directions = { imported, exported: nothing };
  const row = { service: 'forecast-day-ahead', mspId, model, answers: 1, single: directions, total: directions };
  return standingCodec.decode(row, '');
}

test('the scoreboard is all its pages added up', async () => {
  const pages = [
    { standings: [standing('DsoMSP', 'mean')], bookmark: 'first' },
    { standings: [standing('DsoMSP', 'mean'), standing('TsoMSP', 'ridge')], bookmark: null },
  ];
  const board = await readScoreboard(({ bookmark }) => Promise.resolve(pages[bookmark === 'first' ? 1 : 0]!), {});
  const { single } = standing('DsoMSP', 'mean');
  expect(board.map(({ answers, mspId }) => [mspId, answers])).toEqual([
    ['DsoMSP', 2],
    ['TsoMSP', 1],
  ]);
  expect(board[0]?.single).toEqual(addDirections(addDirections(noMeasures, single), single));
});

test('the scoreboard is a table of rates, without directions in which nothing happened', () => {
  expect(scoreboardLines([standing('DsoMSP', 'mean')]).map((line) => line.replace(/ {2,}/g, '  '))).toEqual([
    'service  organisation  model  of  answers  intervals  missing  NMAE  covered  skill',
    'forecast-day-ahead  DsoMSP  mean  import, meter by meter  1  20  4  25.0 %  80.0 %  50.0 %',
    'forecast-day-ahead  DsoMSP  mean  import, together  1  20  4  25.0 %  80.0 %  50.0 %',
  ]);
  expect(scoreboardLines([])).toEqual(['no forecast has been scored']);
});
