import { compareText } from '../canonical-writer';
import { addDirections } from './score';
import type { ScoreLine, Standing } from './score-rows';

/** Which scores a scoreboard adds up; everything where a part is absent. */
export interface ScoreFilter {
  readonly service?: string | undefined;
  readonly mspId?: string | undefined;
  readonly model?: string | undefined;
}

/** Adds up scores by service, organisation and model, and orders them by these. */
export function standingsOf(lines: readonly ScoreLine[], filter: ScoreFilter = {}): readonly Standing[] {
  const wanted = lines.filter(
    ({ model, mspId, service }) =>
      (filter.service ?? service) === service && (filter.mspId ?? mspId) === mspId && (filter.model ?? model) === model,
  );
  return addStandings(
    wanted.map(({ model, mspId, service, single, total }) => ({ service, mspId, model, answers: 1, single, total })),
  );
}

/** Adds up standings of the same service, organisation and model: those of the pages of a scoreboard. */
export function addStandings(standings: readonly Standing[]): readonly Standing[] {
  const added = new Map<string, Standing>();
  for (const one of standings) {
    const key = `${one.service} ${one.mspId} ${one.model}`;
    const known = added.get(key);
    added.set(
      key,
      known === undefined
        ? one
        : {
            ...known,
            answers: known.answers + one.answers,
            single: addDirections(known.single, one.single),
            total: addDirections(known.total, one.total),
          },
    );
  }
  return [...added].sort(([left], [right]) => compareText(left, right)).map(([, standing]) => standing);
}
