import { expect, test } from "vitest";
import { OperatorError } from "../../../src/platform/errors.ts";
import { createLogger } from "../../../src/platform/log.ts";
import { connectNats } from "../../../src/platform/nats.ts";

const log = createLogger("silent", "test");

test("credentials that can't be read are told with the variable that names them", async () => {
  const refused = connectNats({ url: "nats://127.0.0.1:1", creds: "/none.creds", name: "test", log });
  await expect(refused).rejects.toThrow(OperatorError);
  await expect(refused).rejects.toThrow(
    "cannot read the credentials file /none.creds that NATS_CREDS names: there is no such file or folder. Mend NATS_CREDS",
  );
});
