/** What `routeInput` has to say of a packet that came in: one object for all packets, as none is made for each. */
import { Fate, type FateCode } from "../base/fate.ts";
import { type Route, RouteType, type RouteTypeCode } from "./route-table.ts";

/** The answer to one question; the next question overwrites it. */
export class InputRoute {
  /** NONE, or why the packet must not be here. */
  fate: FateCode = Fate.NONE;
  /** LOCAL, BROADCAST, UNICAST; UNREACHABLE with what the tables said in `route` when it goes nowhere. */
  type: RouteTypeCode = RouteType.UNREACHABLE;
  route: Route | null = null;
  /** The sender is on the link that the packet leaves by: it could have sent it to the next hop itself. */
  isDetour = false;
}
