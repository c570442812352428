import { addStandings, type Measures, type RequestAt, type ResponseAt, type Standing } from '@flexledger/domain';
import { formatTable } from './format';

/** What a scoreboard is asked for. */
export type ScoreboardQuestion = Omit<RequestAt<'oracle', 'getScoreboard'>, 'bookmark'>;

/** Reads one page of the scoreboard. */
export type ReadScores = (
  asked: RequestAt<'oracle', 'getScoreboard'>,
) => Promise<ResponseAt<'oracle', 'getScoreboard'>>;

/** The whole scoreboard: all pages, added up. */
export async function readScoreboard(read: ReadScores, asked: ScoreboardQuestion): Promise<readonly Standing[]> {
  let standings: readonly Standing[] = [];
  let bookmark: string | null = null;
  do {
    const page: Awaited<ReturnType<ReadScores>> = await read(bookmark === null ? asked : { ...asked, bookmark });
    standings = addStandings([...standings, ...page.standings]);
    bookmark = page.bookmark;
  } while (bookmark !== null);
  return standings;
}

const HEADINGS = [
  'service',
  'organisation',
  'model',
  'of',
  'answers',
  'intervals',
  'missing',
  'NMAE',
  'covered',
  'skill',
];

/** The scoreboard as a table: for each standing the meters one by one and together, in both directions of energy that were metered. */
export function scoreboardLines(standings: readonly Standing[]): readonly string[] {
  if (standings.length === 0) {
    return ['no forecast has been scored'];
  }
  return formatTable([HEADINGS, ...standings.flatMap(rowsOf)]);
}

function rowsOf({ answers, model, mspId, service, single, total }: Standing): readonly (readonly string[])[] {
  const measured: readonly (readonly [string, Measures])[] = [
    ['import, meter by meter', single.imported],
    ['import, together', total.imported],
    ['export, meter by meter', single.exported],
    ['export, together', total.exported],
  ];
  return measured
    .filter(([, { absoluteErrorWh, actualWh }]) => actualWh + absoluteErrorWh > 0n)
    .map(([what, measures]) => [service, mspId, model, what, String(answers), ...figures(measures)]);
}

function figures({ coveragePpm, intervals, missing, nmaePpm, skillPpm }: Measures): readonly string[] {
  return [String(intervals), String(missing), percent(nmaePpm), percent(coveragePpm), percent(skillPpm)];
}

const PPM_PER_PERCENT = 10_000;

function percent(ppm: number | undefined): string {
  return ppm === undefined ? '-' : `${(ppm / PPM_PER_PERCENT).toFixed(1)} %`;
}
