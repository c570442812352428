import { array, integer, object, optional, type TypeOf } from '../../decode';
import { demand } from '../../errors';
import { elementIdCodec } from '../../field-codecs';
import { limits } from '../../limits';
import type { Grid } from '../../registry/types';
import { slotCodec } from '../../time';
import { microPerKwhCodec, ppmCodec, ppmWhole, wCodec } from '../../units';

/** The fields of grid terms that the distribution system operator chooses. */
export const gridTermsFields = {
  gridId: elementIdCodec,
  /** The number after that of the terms before, from 1. */
  number: integer(1, 1_000_000),
  /** What buses add to prices; a bus that is not named adds nothing. */
  charges: array(
    object({
      busId: elementIdCodec,
      /** What a buyer pays for each kWh on top of the price. */
      buyFeeMicroPerKwh: microPerKwhCodec,
      /** What a seller pays for each kWh out of the price. */
      sellFeeMicroPerKwh: microPerKwhCodec,
      /** Energy lost between the bus and the reference, as a share of what flows. */
      lossPpm: ppmCodec,
    }),
    limits.busesPerGridMax,
  ),
  /** Limits of branches in some quarter hours, from the first slot up to and without the second; they only tighten what the grid says. */
  limits: array(
    object({
      elementId: elementIdCodec,
      fromSlot: slotCodec,
      toSlot: slotCodec,
      /** Towards the buses behind the branch, as seen from the grid above. */
      importLimitW: optional(wCodec),
      /** Away from them. */
      exportLimitW: optional(wCodec),
    }),
    limits.limitsPerGridTermsMax,
  ),
};

/**
 * What the operator of a grid asks of the market on it: fees, losses, and limits by quarter hour. Terms are never edited: a change has the
 * next number. A session keeps the number that was last when it was opened, so that nobody changes them after that.
 */
export const gridTermsCodec = object(gridTermsFields);
export type GridTerms = TypeOf<typeof gridTermsCodec>;

/** Which terms of a grid are the last. */
export const gridTermsHeadCodec = object({ number: integer(1, 1_000_000) });

/**
 * Refuses terms whose number does not follow, that name what the grid does not have, a bus twice, a period that ends before it begins,
 * or a loss of everything.
 */
export function checkGridTerms(terms: GridTerms, grid: Grid, lastNumber: number): void {
  demand(terms.number === lastNumber + 1, 'GRID_TERMS_NUMBER', { number: lastNumber + 1 });
  const busIds = new Set(grid.buses.map(({ id }) => id));
  const charged = new Set<string>();
  for (const { busId, lossPpm } of terms.charges) {
    demand(busIds.has(busId), 'GRID_REFERENCE', { elementId: busId });
    demand(!charged.has(busId), 'GRID_ID_TWICE', { elementId: busId });
    demand(lossPpm < ppmWhole, 'GRID_TERMS_INVALID', { elementId: busId });
    charged.add(busId);
  }
  const branchIds = new Set([...grid.lines, grid.transformer].map(({ id }) => id));
  for (const { elementId, fromSlot, toSlot } of terms.limits) {
    demand(branchIds.has(elementId), 'GRID_REFERENCE', { elementId });
    demand(fromSlot < toSlot, 'GRID_TERMS_INVALID', { elementId });
  }
}
