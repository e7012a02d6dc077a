// Calls the served operations with Zoom's own SDK, `@zoom/rivet`: rivet.mjs BASE_URL TOKEN FROM TO
// Prints one line of JSON: the number of rows of each list. The SDK throws at any status but 2xx.
import { AccountsEndpoints } from "@zoom/rivet/accounts";
import { MeetingsEndpoints } from "@zoom/rivet/meetings";
import { UsersEndpoints } from "@zoom/rivet/users";

const [baseUrl, token, from, to] = process.argv.slice(2);
const options = { auth: { getToken: () => token }, baseUrl };
const { dashboards } = new AccountsEndpoints(options);
const { meetings, webinars } = new MeetingsEndpoints(options);
const { users } = new UsersEndpoints(options);
const twice = (uuid) => encodeURIComponent(encodeURIComponent(uuid));
const rows = {};

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

const window = { type: "past", from, to, page_size: 300 };
const kinds = [
  ["meeting", dashboards.listMeetings, dashboards.getMeetingDetails, dashboards.listMeetingParticipants,
    dashboards.listMeetingParticipantsQoS, dashboards.getMeetingParticipantQoS],
  ["webinar", dashboards.listWebinars, dashboards.getWebinarDetails, dashboards.getWebinarParticipants,
    dashboards.listWebinarParticipantQoS, dashboards.getWebinarParticipantQoS],
];
for (const [kind, list, detail, people, qos, one] of kinds) {
  const runs = await pages(`${kind}s`, list, window);
  rows[`${kind}s`] = runs.length;
  const path = { [`${kind}Id`]: twice(runs[0].uuid) };
  const { data } = await detail({ path, query: { type: "past" } });
  if (data.uuid !== runs[0].uuid) throw new Error(`${data.uuid} is not ${runs[0].uuid}`);
  const present = await pages("participants", people, { type: "past", page_size: 300 }, path);
  rows[`${kind} participants`] = present.length;
  rows[`${kind} qos`] = (await pages("participants", qos, { type: "past", page_size: 10 }, path)).length;
  await one({ path: { ...path, participantId: present[0].user_id }, query: { type: "past" } });
}
await dashboards.getMeetingQualityScores({ query: { from, to } });

rows.users = (await pages("users", users.listUsers, { page_size: 20 })).length;
const { data: me } = await users.getUser({ path: { userId: "me" } });
const { data: email } = await users.checkUserEmail({ query: { email: me.email } });
if (!email.existed_email) throw new Error(`${me.email} exists`);
const hosted = await pages("meetings", meetings.listMeetings, { page_size: 30 }, { userId: "me" });
rows["my meetings"] = hosted.length;
await meetings.getMeeting({ path: { meetingId: hosted[0].id } });
const past = await meetings.listPastMeetingInstances({ path: { meetingId: hosted[0].id } });
rows["past instances"] = past.data.meetings.length;
await meetings.getPastMeetingDetails({ path: { meetingId: twice(past.data.meetings[0].uuid) } });
const [webinar] = await pages("webinars", dashboards.listWebinars, window);
await webinars.getWebinar({ path: { webinarId: webinar.id } });
const { data: sources } = await webinars.getWebinarTrackingSources({ path: { webinarId: webinar.id } });
rows["tracking sources"] = sources.tracking_sources.length;
console.log(JSON.stringify(rows));
