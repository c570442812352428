import { bandsOf } from '@flexledger/domain';
import type { SegmentationService } from '../service';

/** Makes flexibility bands by the rule of the domain: the contract works them out again and takes no others. */
export const segmentation: SegmentationService = { name: 'segmentation', version: '1', run: bandsOf };
