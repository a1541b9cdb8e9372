import { Empty } from "../../parts/states.tsx";
import { hrefOf } from "../../routing.ts";

export function UnknownView() {
  return (
    <>
      <h1>Not found</h1>
      <section class="panel">
        <Empty title="There is nothing at this address">
          Perhaps it is cut short. <a href={hrefOf({ view: "overview" })}>Go to the overview</a>, or find an application
          by its id above.
        </Empty>
      </section>
    </>
  );
}
