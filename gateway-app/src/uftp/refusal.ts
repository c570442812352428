import type { ErrorCode } from '@flexledger/domain';

/** What UFTP calls the reasons for which a message is rejected (Shapeshifter specification, use cases and message validation). */
export type RejectionReason =
  | 'Invalid Message'
  | 'Invalid Sender'
  | 'Unknown Recipient'
  | 'Barred Sender'
  | 'Unauthorized'
  | 'Duplicate Identifier'
  | 'Already Submitted'
  | 'ISP Duration Rejected'
  | 'TimeZone Rejected'
  | 'Invalid Congestion Point'
  | 'Unknown Reference'
  | 'Reference Period Mismatch'
  | 'Reference Message Expired'
  | 'Reference Message Revoked'
  | 'ISPs Out Of Bounds'
  | 'ISP Conflict'
  | 'Period Out Of Bounds'
  | 'Expiration DateTime Out Of Bounds'
  | 'Subordinate Sequence Number'
  | 'Lacking ISPs'
  | 'Power Value Rejection'
  | 'Lacking Requested Disposition'
  | 'Requested Power Discrepancy'
  | 'Power Discrepancy'
  | 'No Baseline'
  | 'Request Mismatch'
  | 'No MutEx Offer Support'
  | 'Flexibility Procured'
  | 'ISP Mismatch'
  | 'Power Mismatch'
  | 'Price Mismatch';

/** A message that is refused at the edge, before it is a transaction. */
export class UftpRefusal extends Error {
  constructor(
    readonly reason: RejectionReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = 'UftpRefusal';
  }
}

/** UFTP's reason for each code that the ledger refuses a message with; codes without one are told by their own sentence. */
export const REASON_OF_CODE: Readonly<Partial<Record<ErrorCode, RejectionReason>>> = {
  PARTICIPANT_UNKNOWN: 'Invalid Sender',
  PARTICIPANT_SUSPENDED: 'Barred Sender',
  SIGNATURE_INVALID: 'Invalid Sender',
  ACCESS_ROLE_REFUSED: 'Invalid Sender',
  ACCESS_ORGANISATION_REFUSED: 'Invalid Sender',
  COMMAND_REUSED: 'Duplicate Identifier',
  FLEX_ROLE_MISMATCH: 'Invalid Sender',
  FLEX_NOT_GRID_OPERATOR: 'Unauthorized',
  FLEX_NOT_PARTY: 'Unauthorized',
  FLEX_CONGESTION_POINT_INVALID: 'Invalid Congestion Point',
  FLEX_ISP_DURATION: 'ISP Duration Rejected',
  FLEX_TIME_ZONE: 'TimeZone Rejected',
  FLEX_PERIOD_OUT_OF_BOUNDS: 'Period Out Of Bounds',
  FLEX_ISPS_OUT_OF_BOUNDS: 'ISPs Out Of Bounds',
  FLEX_ISP_CONFLICT: 'ISP Conflict',
  FLEX_LACKING_ISPS: 'Lacking ISPs',
  FLEX_POWER_REJECTED: 'Power Value Rejection',
  FLEX_POWER_OUT_OF_BOUNDS: 'Power Value Rejection',
  FLEX_OBLIGED_NOT_MET: 'Power Value Rejection',
  FLEX_RESERVATION_EXCEEDED: 'Power Value Rejection',
  FLEX_ZERO_VOLUME: 'Power Value Rejection',
  FLEX_REQUESTED_NO_DIRECTION: 'Requested Power Discrepancy',
  FLEX_POWER_DISCREPANCY: 'Power Discrepancy',
  FLEX_LACKING_REQUESTED: 'Lacking Requested Disposition',
  FLEX_EXPIRY_OUT_OF_BOUNDS: 'Expiration DateTime Out Of Bounds',
  FLEX_REVISION_SUBORDINATE: 'Subordinate Sequence Number',
  FLEX_ALREADY_SUBMITTED: 'Already Submitted',
  FLEX_DUPLICATE_IDENTIFIER: 'Duplicate Identifier',
  FLEX_REFERENCE_UNKNOWN: 'Unknown Reference',
  FLEX_REFERENCE_PERIOD: 'Reference Period Mismatch',
  FLEX_REFERENCE_EXPIRED: 'Reference Message Expired',
  FLEX_REFERENCE_REVOKED: 'Reference Message Revoked',
  FLEX_REFERENCE_CLOSED: 'Reference Message Expired',
  FLEX_NO_BASELINE: 'No Baseline',
  FLEX_NO_EXCLUSIVE_OFFERS: 'No MutEx Offer Support',
  FLEX_REQUEST_MISMATCH: 'Request Mismatch',
  FLEX_PROCURED: 'Flexibility Procured',
  FLEX_OPTION_UNKNOWN: 'Unknown Reference',
  FLEX_ISP_MISMATCH: 'ISP Mismatch',
  FLEX_POWER_MISMATCH: 'Power Mismatch',
  FLEX_PRICE_MISMATCH: 'Price Mismatch',
};
