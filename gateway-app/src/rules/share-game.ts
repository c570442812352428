import {
  compareText,
  isInCore,
  limits,
  nucleolusShares,
  proRataShares,
  roundedShares,
  shapleyShares,
  wholeValue,
  type CoalitionGame,
  type ExactShares,
} from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { atLeast, fieldsOf, identifierOf, listOf, parseFile, shown, type Fields } from './file-fields';

/** The rules by which the revenue of a coalition is shared. */
export const sharingMethods = ['shapley', 'nucleolus', 'pro-rata'] as const;
export type SharingMethod = (typeof sharingMethods)[number];

/** A game, with what each player has delivered where the file says so. */
export interface SharingFile {
  readonly game: CoalitionGame;
  readonly deliveredWh: readonly bigint[] | undefined;
}

const VALUE_DIGITS_MAX = 18;

/**
 * Reads the game of `flexledger rules share`: the players, and what each set of them is worth in micro-units, under its players sorted and joined by commas.
 *
 * @throws CliError with a code beginning with RULES_, which says what is wrong and where
 */
export function readSharingFile(text: string, method: SharingMethod): SharingFile {
  const file = fieldsOf(parseFile(text, 'the game'), 'the game', ['players', 'value', 'deliveredWh']);
  const players = playersOf(file.players, method);
  const value = anyFields(file.value, 'value');
  const names = setNames(players);
  const places = new Map(names.map((name, set) => [name, set]));
  const values: (bigint | undefined)[] = names.map(() => undefined);
  values[0] = 0n;
  for (const [key, written] of Object.entries(value)) {
    values[placeOf(key, players, places)] = worthOf(written, `value[${JSON.stringify(key)}]`, key);
  }
  return {
    game: { players, values: values.map((worth, set) => presentWorth(worth, names[set] ?? '')) },
    deliveredWh: file.deliveredWh === undefined ? undefined : weightsOf(file.deliveredWh, players),
  };
}

/** The shares of a game by a method, as JSON can say them. */
export function shareGame({ deliveredWh, game }: SharingFile, method: SharingMethod): object {
  const exact = exactShares(game, method, deliveredWh);
  const shares = roundedShares(game.players, exact);
  return {
    shares: Object.fromEntries(game.players.map((player, index) => [player, shares[index] ?? 0n])),
    inCore: isInCore(game, exact),
  };
}

function exactShares(game: CoalitionGame, method: SharingMethod, weights: SharingFile['deliveredWh']): ExactShares {
  switch (method) {
    case 'shapley':
      return shapleyShares(game);
    case 'pro-rata': {
      const alone = game.players.map((_, player) => game.values[2 ** player] ?? 0n);
      return proRataShares(wholeValue(game), weights ?? alone);
    }
    case 'nucleolus': {
      const shares = nucleolusShares(game);
      if (shares !== undefined) return shares;
      throw new CliError(
        'RULES_NO_IMPUTATION',
        'the players are worth less together than alone, so no division gives each what it is worth alone',
      );
    }
  }
}

function playersOf(value: unknown, method: SharingMethod): readonly string[] {
  const written = listOf(value, 'players');
  const most = method === 'nucleolus' ? limits.nucleolusPlayersMax : limits.shapleyPlayersMax;
  if (written.length === 0 || written.length > most) {
    const code = written.length === 0 ? 'RULES_PLAYERS_NONE' : 'RULES_PLAYERS_TOO_MANY';
    throw new CliError(code, `players has ${written.length} entries; ${method} is for 1 to ${most}`);
  }
  const players = written.map((player, index) => identifierOf(player, `players[${index}]`));
  for (const [index, player] of players.entries()) {
    if (player.includes(',')) {
      throw new CliError('RULES_FIELD_INVALID', `players[${index}] is ${shown(player)}; leave commas out of names`);
    }
    if (players.indexOf(player) !== index) {
      throw new CliError('RULES_PLAYER_TWICE', `players[${index}] is ${shown(player)}, which stands before`);
    }
  }
  return players;
}

function anyFields(value: unknown, place: string): Fields {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return fieldsOf(value, place, isObject ? Object.keys(value) : []);
}

/** The key of each set of players, set by set: its players sorted and joined by commas. */
function setNames(players: readonly string[]): readonly string[] {
  const sorted = [...players.entries()].sort(([, left], [, right]) => compareText(left, right));
  let sets: readonly (readonly [number, string])[] = [[0, '']];
  for (const [index, player] of sorted) {
    const withPlayer = sets.map(
      ([set, name]) => [set + 2 ** index, name === '' ? player : `${name},${player}`] as const,
    );
    sets = [...sets, ...withPlayer];
  }
  const names = sets.map(() => '');
  for (const [set, name] of sets) names[set] = name;
  return names;
}

function placeOf(key: string, players: readonly string[], places: ReadonlyMap<string, number>): number {
  const place = places.get(key);
  if (place !== undefined) return place;
  const named = key.split(',');
  const unknown = named.find((name) => !players.includes(name));
  if (unknown !== undefined) {
    throw new CliError('RULES_PLAYER_UNKNOWN', `value has the key ${shown(key)}; ${shown(unknown)} is no player`);
  }
  const sorted = [...new Set(named)].sort(compareText).join(',');
  throw new CliError('RULES_KEY_UNSORTED', `value has the key ${shown(key)}; write ${shown(sorted)}`);
}

function worthOf(value: unknown, place: string, key: string): bigint {
  const worth = atLeast(value, 0n, place);
  if (key === '' && worth !== 0n) {
    throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; nobody is worth nothing`);
  }
  if (worth < 10n ** BigInt(VALUE_DIGITS_MAX)) return worth;
  throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; write at most ${VALUE_DIGITS_MAX} digits`);
}

function presentWorth(worth: bigint | undefined, name: string): bigint {
  if (worth !== undefined) return worth;
  throw new CliError(
    'RULES_COALITION_MISSING',
    `value has no key ${shown(name)}; write what every set of players is worth`,
  );
}

function weightsOf(value: unknown, players: readonly string[]): readonly bigint[] {
  const weights = fieldsOf(value, 'deliveredWh', players);
  return players.map((player) => atLeast(weights[player], 0n, `deliveredWh[${JSON.stringify(player)}]`));
}
