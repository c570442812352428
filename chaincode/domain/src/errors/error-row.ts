/** One refusal that a caller may meet. */
export interface ErrorRow {
  /** Stable code AREA_WHAT. */
  readonly code: string;
  /** What it means, as a sentence. */
  readonly meaning: string;
  /** Who can put it right. */
  readonly whoFixes: 'caller' | 'operator' | 'nobody' | 'developer';
  /** True where the same command may be accepted later. */
  readonly transient: boolean;
}
