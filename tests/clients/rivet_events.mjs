// Schedules a meeting and a webinar with Zoom's own SDK, `@zoom/rivet`, registers people, and reads reports about past runs:
// rivet_events.mjs BASE_URL TOKEN FROM TO
// Prints one line of JSON: what it found. The SDK throws at any status but 2xx.
import { AccountsEndpoints } from "@zoom/rivet/accounts";
import { MeetingsEndpoints } from "@zoom/rivet/meetings";

const [baseUrl, token, from, to] = process.argv.slice(2);
const options = { auth: { getToken: () => token }, baseUrl };
const { dashboards } = new AccountsEndpoints(options);
const { meetings, reports, trackingField, webinars } = new MeetingsEndpoints(options);
const twice = (uuid) => encodeURIComponent(encodeURIComponent(uuid));
const found = {};

async function pages(key, call, query, path) {
  const all = [];
  let next_page_token = "";
  do {
    const { data } = await call({ path, query: { ...query, next_page_token } });
    all.push(...data[key]);
    next_page_token = data.next_page_token;
  } while (next_page_token);
  return all;
}

// Registrations.
const start_time = new Date(Date.now() + 86_400_000).toISOString().slice(0, 19) + "Z";
const body = { topic: "By rivet", start_time, duration: 60, timezone: "UTC", settings: { approval_type: 1 } };
const kinds = {
  meeting: {
    api: meetings, id: "meetingId", create: meetings.createMeeting, remove: meetings.deleteMeeting,
    register: meetings.addMeetingRegistrant, list: meetings.listMeetingRegistrants, batch: meetings.performBatchRegistration,
    one: meetings.getMeetingRegistrant, unregister: meetings.deleteMeetingRegistrant, type: 2,
  },
  webinar: {
    api: webinars, id: "webinarId", create: webinars.createWebinar, remove: webinars.deleteWebinar,
    register: webinars.addWebinarRegistrant, list: webinars.listWebinarRegistrants, batch: webinars.performBatchRegistration,
    one: webinars.getWebinarRegistrant, unregister: webinars.deleteWebinarRegistrant, type: 5,
  },
};
for (const [kind, { api, id, create, remove, register, list, batch, one, unregister, type }] of Object.entries(kinds)) {
  const { data: created } = await create({ path: { userId: "me" }, body: { ...body, type } });
  const path = { [id]: created.id };
  const questions = { questions: [{ field_name: "org", required: false }], custom_questions: [] };
  await api.updateRegistrationQuestions({ path, body: questions });
  const { data: asked } = await api.listRegistrationQuestions({ path });
  const person = { first_name: "Ada", last_name: "Lovelace", email: "ada@example.com", org: "Analytical" };
  const { data: registered } = await register({ path, body: person });
  await batch({ path, body: { auto_approve: true, registrants: [{ first_name: "Ben", last_name: "Bee", email: "ben@example.com" }] } });
  const pending = await pages("registrants", list, { status: "pending", page_size: 1 }, path);
  const registrants = [{ id: registered.registrant_id, email: "ada@example.com" }];
  await api.updateRegistrantsStatus({ path, body: { action: "approve", registrants } });
  const approved = await pages("registrants", list, { status: "approved", page_size: 1 }, path);
  const { data: ada } = await one({ path: { ...path, registrantId: registered.registrant_id } });
  await unregister({ path: { ...path, registrantId: registered.registrant_id } });
  const rest = await pages("registrants", list, { status: "approved", page_size: 1 }, path);
  found[kind] = {
    questions: asked.questions.length, pending: pending.length, approved: approved.length, org: ada.org, rest: rest.length,
  };
  if (kind === "webinar") {
    await webinars.addPanelists({ path, body: { panelists: [{ name: "Pat", email: "pat@example.com" }] } });
    const { data: listed } = await webinars.listPanelists({ path });
    found.panelists = listed.panelists.map(({ email }) => email);
    await webinars.removePanelist({ path: { ...path, panelistId: listed.panelists[0].id } });
    await webinars.removeAllPanelists({ path });
    found["panelists left"] = (await webinars.listPanelists({ path })).data.total_records;
    await webinars.updateWebinar({ path, body: { topic: "Renamed" } });
    found.topic = (await webinars.getWebinar({ path })).data.topic;
  } else {
    await meetings.updateMeeting({ path, body: { topic: "Renamed" } });
    found.invitation = (await meetings.getMeetingInvitation({ path })).data.invitation.includes("Renamed");
    const { data: upcoming } = await meetings.listUpcomingMeetings({ path: { userId: "me" } });
    found.upcoming = upcoming.meetings.some(({ id }) => id === created.id);
  }
  await remove({ path });
}

// Tracking fields.
const field = { field: "By rivet", recommended_values: ["a"], required: false, visible: true };
const { data: made } = await trackingField.createTrackingField({ body: field });
await trackingField.updateTrackingField({ path: { fieldId: made.id }, body: { field: "Renamed" } });
found.field = (await trackingField.getTrackingField({ path: { fieldId: made.id } })).data.field;
await trackingField.deleteTrackingField({ path: { fieldId: made.id } });
found.fields = (await trackingField.listTrackingFields({})).data.tracking_fields.map(({ field }) => field);

// Reports and past runs.
const window = { type: "past", from, to, page_size: 300 };
for (const [kind, list, report, people, past] of [
  ["meetings", dashboards.listMeetings, reports.getMeetingDetailReports, reports.getMeetingParticipantReports, meetings.getPastMeetingParticipants],
  ["webinars", dashboards.listWebinars, reports.getWebinarDetailReports, reports.getWebinarParticipantReports, webinars.listWebinarParticipants],
]) {
  const run = (await pages(kind, list, window)).find(({ participants }) => participants > 2);
  const id = kind === "meetings" ? "meetingId" : "webinarId";
  const path = { [id]: twice(run.uuid) };
  const { data: detail } = await report({ path });
  const reported = await pages("participants", people, { page_size: 2 }, path);
  const attended = await pages("participants", past, { page_size: 2 }, path);
  found[`${kind} report`] = { uuid: detail.uuid === run.uuid, attendances: reported.length === run.participants, people: attended.length };
  if (kind === "webinars") {
    const { data: instances } = await webinars.listPastWebinarInstances({ path: { webinarId: run.id } });
    found["webinar's runs"] = instances.webinars.some(({ uuid }) => uuid === run.uuid);
    found.absentees = (await pages("registrants", webinars.getWebinarAbsentees, { page_size: 30 }, path)).length >= 0;
    await webinars.listPastWebinarPollResults({ path: { webinarId: run.id } });
    await webinars.listQAsOfPastWebinar({ path: { webinarId: run.id } });
    await reports.getWebinarPollReports({ path });
    await reports.getWebinarQAReport({ path });
    await reports.getWebinarSurveyReport({ path });
  } else {
    await meetings.listPastMeetingsPollResults({ path });
    await meetings.listPastMeetingsQA({ path });
    await meetings.listMeetingPolls({ path: { meetingId: run.id } });
    await reports.getMeetingPollReports({ path });
    await reports.getMeetingQAReport({ path });
    await reports.getMeetingSurveyReport({ path });
  }
}
const [year, month] = to.split("-").map(Number);
found.days = (await reports.getDailyUsageReport({ query: { year, month } })).data.dates.length;
const range = { from, to };
found.hosts = (await pages("users", reports.getActiveOrInactiveHostReports, { ...range, type: "active", page_size: 30 })).length;
found.hosted = (await pages("meetings", reports.getMeetingReports, { ...range, page_size: 30 }, { userId: "me" })).length;
found.history = (await pages("history_meetings", reports.getHistoryMeetingAndWebinarList, { ...range, page_size: 300 })).length;
for (const [key, call] of [
  ["activity_logs", reports.getSignInSignOutActivityReport],
  ["operation_logs", reports.getOperationLogsReport],
  ["telephony_usage", reports.getTelephoneReports],
  ["upcoming_events", reports.getUpcomingEventsReport],
  ["cloud_recording_storage", reports.getCloudRecordingUsageReport],
]) {
  const { data } = await call({ query: range });
  if (!Array.isArray(data[key])) throw new Error(`${key}: ${Object.keys(data)}`);
}
console.log(JSON.stringify(found));
