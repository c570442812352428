import { limits, slot, type Computation, type ModelCard } from '@flexledger/domain';
import type { Forecast } from '@flexledger/forecast';

/** What the library has made of what a meter took, or of what it gave. */
export interface MadeSide {
  readonly forecast: Forecast;
  /** The energy that it was made from, in Wh. */
  readonly weight: number;
}

type Errors = ModelCard['errors'];

/** The longest name of a feature on the ledger. */
const FEATURE_LENGTH_MAX = 48;
const SMALL_WORDS = new Set(['a', 'and', 'in', 'it', 'of', 'on', 'or', 'the']);

/**
 * The card of an answer: what the models of its series looked at, the readings that they learned from, and how they did on days that they had not
 * learned from. Errors are those of all series: the relative error of each counts by its energy, so that it comes near what the energies together
 * were off by; the coverage of each counts alike. Null where no series had enough days to try.
 */
export function answerCard(model: string, request: Computation, made: readonly MadeSide[]): ModelCard {
  const cards = made.map(({ forecast }) => forecast.card);
  const features = new Set(cards.flatMap((card) => card.features.map(featureName)));
  const { dataDigest, historyFromSlot, historyToSlot } = request;
  const nmae = made.map(({ forecast, weight }) => ({ value: forecast.card.errors.nmaePpm, weight }));
  const coverage = cards.map(({ errors }) => ({ value: errors.coveragePpm, weight: 1 }));
  return {
    model,
    features: [...features].slice(0, limits.cardFeaturesMax),
    trainedOn: {
      fromSlot: slot(cards.length === 0 ? historyFromSlot : Math.min(...cards.map((card) => card.trainedOn.fromSlot))),
      toSlot: slot(cards.length === 0 ? historyToSlot : Math.max(...cards.map((card) => card.trainedOn.toSlot))),
      rows: cards.reduce((sum, { trainedOn }) => sum + trainedOn.rows, 0),
    },
    errors: { nmaePpm: meanOf(nmae), coveragePpm: meanOf(coverage) },
    dataDigest,
  };
}

/** A feature as the library words it, in the short names of the ledger: `the type of day` becomes `type-day`. */
function featureName(words: string): string {
  const parts = words
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !SMALL_WORDS.has(word));
  while (parts.length > 1 && parts.join('-').length > FEATURE_LENGTH_MAX) parts.pop();
  return parts.join('-').slice(0, FEATURE_LENGTH_MAX);
}

function meanOf(rates: readonly { readonly value: number | null; readonly weight: number }[]): Errors['nmaePpm'] {
  let [sum, weights] = [0, 0];
  for (const { value, weight } of rates) {
    if (value === null) continue;
    sum += value * weight;
    weights += weight;
  }
  return weights === 0 ? null : Math.min(Math.round(sum / weights), limits.scoreRateMax);
}
