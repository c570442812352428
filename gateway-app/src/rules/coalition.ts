import { coalitionGapPpm, prepareCoalition, proveCoalition, type CoalitionAnswer } from '@flexledger/domain';
import { solveCoalition, Solver } from '@flexledger/solver';
import type { CoalitionFile } from './coalition-file';

/** What `flexledger rules coalition` prints. */
export interface ChosenCoalition extends CoalitionAnswer {
  readonly gapPpm: bigint;
  readonly isWithinGap: boolean;
  readonly solver: string;
}

const SOLVER_MEMORY_BYTES = 1_024 * 1_048_576;

/**
 * Chooses coalitions as the oracle does it, and checks the answer as the contract does it.
 *
 * @throws RuleError where the case contradicts itself; SolverError
 */
export async function chooseCoalition(
  { asked, gapPpmMax }: CoalitionFile,
  timeMsMax: number,
): Promise<ChosenCoalition> {
  const solver = new Solver({ timeMsMax, memoryBytesMax: SOLVER_MEMORY_BYTES });
  try {
    const options = { gapPpm: gapPpmMax, timeMsMax, now: () => performance.now() };
    const { answer, solver: name } = await solveCoalition(asked, solver, options);
    const gapPpm = coalitionGapPpm(answer);
    proveCoalition(prepareCoalition(asked), answer, gapPpm);
    return { ...answer, gapPpm, isWithinGap: gapPpm <= gapPpmMax, solver: name };
  } finally {
    await solver.close();
  }
}

/** The answer in lines for people. */
export function coalitionLines(found: ChosenCoalition): readonly string[] {
  const { assignments, boundNano, gapPpm, isWithinGap, objectiveNano, served } = found;
  return [
    ...served.map(({ requestId, slicesW }) => `${requestId}: ${slicesW.join(', ')} W by slice`),
    ...assignments.map(({ assetId, duties }) => {
      const texts = duties.map(
        ({ firstStep, powersW, requestId }) => `${requestId} from step ${firstStep}: ${powersW.join(', ')} W`,
      );
      return `${assetId}: ${texts.join('; ')}`;
    }),
    `objective ${objectiveNano}, bound ${boundNano} thousandths of a micro-unit, gap ${gapPpm} ppm${isWithinGap ? '' : ', which is more than agreed'}`,
  ];
}
