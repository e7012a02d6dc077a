/** Tracking codes (Webex) and tracking fields (Zoom) as forms. */
import type { CodeRow } from "./question";

export const INPUT_MODES: Record<string, string> = {
  text: "Free text",
  select: "One of the values",
  editableSelect: "One of the values, or other text",
  hostProfileSelect: "One of the values, on host profiles only",
};
export const PROFILE_RULES: Record<string, string> = { optional: "Optional", required: "Required", adminSet: "Set by administrators", notUsed: "Not used" };
export const SERVICES = { MeetingCenter: "Meetings", EventCenter: "Events", TrainingCenter: "Training", SupportCenter: "Support" } as const;
export type Service = keyof typeof SERVICES;

export interface CodeForm {
  id: string | null;
  name: string;
  inputMode: string;
  /** One value a line. */
  values: string;
  /** The value that is preselected; "" for none. */
  preset: string;
  hostProfileCode: string;
  rules: Record<Service, string>;
}

const list = <T>(text: string | null): T[] => {
  try {
    const found = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
};

export const options = (text: string | null) => list<{ value: string; defaultValue: boolean }>(text);
export const fieldValues = (text: string | null) => list<string>(text);
export const lines = (text: string) => [...new Set(text.split("\n").map((line) => line.trim()).filter(Boolean))];

/** Returns the form of a code; of a new one if there is none. */
export function codeForm(row: CodeRow | null): CodeForm {
  const rules: Record<Service, string> = { MeetingCenter: "optional", EventCenter: "optional", TrainingCenter: "optional", SupportCenter: "optional" };
  if (!row) return { id: null, name: "", inputMode: "select", values: "", preset: "", hostProfileCode: "optional", rules };
  const stored = new Map(list<{ service: string; type: string }>(row.schedule_start_codes).map(({ service, type }) => [service, type]));
  const common = stored.get("All");
  for (const service of Object.keys(SERVICES) as Service[]) rules[service] = stored.get(service) ?? (common && common !== "notApplicable" ? common : "notUsed");
  const values = options(row.options);
  return {
    id: row.id,
    name: row.name,
    inputMode: row.input_mode,
    values: values.map(({ value }) => value).join("\n"),
    preset: values.find(({ defaultValue }) => defaultValue)?.value ?? "",
    hostProfileCode: row.host_profile_code,
    rules,
  };
}

/** Returns the body of the request that stores a code. */
export function bodyOf(form: CodeForm, siteUrl: string) {
  return {
    name: form.name.trim(),
    siteUrl,
    inputMode: form.inputMode,
    hostProfileCode: form.hostProfileCode,
    options: lines(form.values).map((value) => ({ value, defaultValue: value === form.preset })),
    scheduleStartCodes:
      form.inputMode === "hostProfileSelect" ? null : (Object.keys(SERVICES) as Service[]).map((service) => ({ service, type: form.rules[service] })),
  };
}
