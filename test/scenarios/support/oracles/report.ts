import type { OraclesReport } from './play';

/** The report of the scenario as text. */
export function oraclesText({ broken, durationSeconds, kills, operations, requests, unknown }: OraclesReport): string {
  const lines = requests.map(({ answeredBy, answers, isDisagreement, isRight, requestId, state }) => {
    const said = Object.entries(answers).map(([mspId, right]) => `${mspId} ${right ? 'right' : 'wrong'}`);
    const counted = `${isRight ? 'right' : 'WRONG'}, by ${answeredBy ?? 'nobody'}`;
    return `  ${requestId}  ${state}  ${counted}; said ${said.join(', ')}${isDisagreement ? '; disagreement recorded' : ''}`;
  });
  const reasons = Object.entries(unknown.reasons).map(([mspId, reason]) => `${mspId} ${reason}`);
  return [
    'Three oracles of three organisations; two equal answers are needed.',
    ...lines,
    `The oracle of the system operator was killed ${kills} times.`,
    `A request for a service that nobody offers: ${unknown.state}; ${reasons.join(', ')}.`,
    `The slow oracle: health ${operations.health}, ${operations.answered} requests answered.`,
    `Invariants: ${broken.length === 0 ? 'all hold' : broken.join('; ')}.  ${durationSeconds} s`,
  ].join('\n');
}
