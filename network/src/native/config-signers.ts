import type { Identity } from '@flexledger/fabric-model';
import { type ChannelConfig } from '@flexledger/fabric-model';
import { NetworkError } from '../network-error';

/** An organisation whose administrator can sign. */
export interface Candidate {
  readonly mspId: string;
  readonly identity: Identity;
}

/**
 * The fewest administrators whose signatures satisfy all of these policies, in the order given; later ones are left out
 * first.
 *
 * @throws NetworkError NETWORK_REFUSED when all of them together do not suffice.
 */
export function chooseSigners<One extends Candidate>(
  config: ChannelConfig,
  policies: readonly string[],
  candidates: readonly One[],
): One[] {
  const missing = policies.filter((policy) => !config.evaluate(policy, identitiesOf(candidates)));
  if (missing.length > 0) {
    const names = candidates.map(({ mspId }) => mspId).join(', ');
    throw new NetworkError(
      'NETWORK_REFUSED',
      `the administrators at hand (${names || 'none'}) do not satisfy ${missing.join(' and ')}.`,
    );
  }
  return [...candidates].reverse().reduce<One[]>(
    (chosen, candidate) => {
      const without = chosen.filter((one) => one !== candidate);
      return policies.every((policy) => config.evaluate(policy, identitiesOf(without))) ? without : chosen;
    },
    [...candidates],
  );
}

function identitiesOf(candidates: readonly Candidate[]): Identity[] {
  return candidates.map(({ identity }) => identity);
}
