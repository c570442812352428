/** What differs between the parts of the scenario. */
export interface ScenarioPart {
  /** Whether limits of the grid act in the session. */
  readonly gridLimits: boolean;
  /** Whether the system operator limits connections in real time. */
  readonly setPoints: boolean;
  /** What it keeps below the limit, as not everybody delivers, in W. */
  readonly reserveW: number;
  /** The aggregators that offer. */
  readonly offering: readonly string[];
  /** What D-prognoses are made from: what will come, or what was traded. */
  readonly prognosis: 'outlook' | 'positions';
}

/**
 * The parts of the scenario: flexibility solves what comes; limits of the grid act in the session, so that nothing has to be requested; offers
 * cover about half, so that connections are limited.
 */
export const PARTS = {
  flexibility: {
    gridLimits: false,
    setPoints: false,
    reserveW: 17_000,
    offering: ['north', 'south'],
    prognosis: 'outlook',
  },
  limits: { gridLimits: true, setPoints: false, reserveW: 0, offering: ['north', 'south'], prognosis: 'positions' },
  orange: { gridLimits: false, setPoints: true, reserveW: 0, offering: ['north'], prognosis: 'outlook' },
} as const satisfies Readonly<Record<string, ScenarioPart>>;

/** The name of a part. */
export type PartName = keyof typeof PARTS;
