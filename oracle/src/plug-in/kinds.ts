import { isJsonObject, type Codec, type JsonObject, type JsonValue } from '@flexledger/domain';
import {
  chosenCodec,
  clearingCodec,
  coalitionInputCodec,
  forecastCodec,
  forecastInputCodec,
  sessionInputsCodec,
  splitCodec,
  splitInputCodec,
} from '../codecs';
import type {
  CaseWithGap,
  ChosenCoalitions,
  ClearingAnswer,
  ClearingService,
  CoalitionService,
  ComputationService,
  DisaggregationService,
  Forecast,
  ForecastInput,
  FoundSplit,
  Service,
} from '../service';
import { certifyClearing } from '../services/clearing-grid';
import { certifyCoalition } from '../services/coalition';
import { certifySplit } from '../services/disaggregation';
import { certifyForecast } from '../services/forecast-day-ahead';
import type { CoalitionCase, DisaggregationCase, SessionInputs } from '@flexledger/domain';

/** What a service of one kind gets, what it makes, and what is known of how good that is. */
export interface Kind<Input, Output> {
  readonly input: Codec<Input>;
  readonly output: Codec<Output>;
  readonly certificate: (input: Input, output: Output) => JsonObject;
}

/** The kinds of services that plug-ins can offer. Bands are made by a rule that the contract repeats: there is no other way to make them. */
export interface Kinds {
  readonly forecast: Kind<ForecastInput, Forecast>;
  readonly clearing: Kind<SessionInputs, ClearingAnswer>;
  readonly disaggregation: Kind<CaseWithGap<DisaggregationCase>, FoundSplit>;
  readonly coalition: Kind<CaseWithGap<CoalitionCase>, ChosenCoalitions>;
}

export const kinds: Kinds = {
  forecast: { input: forecastInputCodec, output: forecastCodec, certificate: certifyForecast },
  clearing: { input: sessionInputsCodec, output: clearingCodec, certificate: certifyClearing },
  disaggregation: { input: splitInputCodec, output: splitCodec, certificate: certifySplit },
  coalition: { input: coalitionInputCodec, output: chosenCodec, certificate: certifyCoalition },
};

export type KindName = keyof Kinds;

export const kindNames = ['forecast', 'clearing', 'disaggregation', 'coalition'] as const satisfies readonly KindName[];

/** The services of an oracle, by kind. */
export interface ServicesByKind {
  readonly forecast: readonly ComputationService[];
  readonly clearing: readonly ClearingService[];
  readonly disaggregation: readonly DisaggregationService[];
  readonly coalition: readonly CoalitionService[];
}

/** Makes the output of a service, as JSON text, from its input. */
export type Run = (input: string) => Promise<string>;

/** A service of a kind whose work is done elsewhere. What comes back is checked as anything that comes from outside. */
export function remoteService<K extends KindName>(
  kind: K,
  { name, version }: { readonly name: string; readonly version: string },
  run: Run,
  garbage: (error: unknown) => Error,
): Service<unknown, unknown> {
  // The kinds differ in their types alone, and a name stands for one of them.
  const { certificate, input, output } = kinds[kind] as unknown as Kind<unknown, unknown>;
  return {
    name,
    version,
    input,
    async run(asked) {
      const text = await run(JSON.stringify(input.encode(asked)));
      try {
        return output.decode(withWholeNumbers(JSON.parse(text) as JsonValue), '');
      } catch (error) {
        throw garbage(error);
      }
    },
    certificate,
  };
}

/** Amounts of energy are text, so that no reader rounds them; a model that gives whole numbers in its series means the same. */
function withWholeNumbers(value: JsonValue): JsonValue {
  return isJsonObject(value) && Array.isArray(value.series) ? { ...value, series: asText(value.series) } : value;
}

function asText(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return value.map(asText);
  }
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asText(member)]));
  }
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
}
