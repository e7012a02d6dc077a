// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
// For Free Pascal 3.2 or later. Texts are UTF-8 from end to end.
program Sample;

{$mode delphi}{$H+}


uses
  SysUtils, Classes, DateUtils, StrUtils, fphttpclient, opensslsockets, fpjson, jsonparser;

procedure Fail(const Message: string);
begin
  WriteLn(StdErr, Message);
  Halt(1);
end;

// The text with characters in place of escapes such as \u4f1a: the parser of Free Pascal 3.2 cuts several in a row.
function Unescaped(const Text: string): string;
var
  At, From: Integer;
  Code: Integer;
  Units: UnicodeString;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
    if Text[At] <> '\' then
      Inc(At)
    else if (At + 5 > Length(Text)) or (Text[At + 1] <> 'u') then
      Inc(At, 2)
    else
    begin
      Units := '';
      Result := Result + Copy(Text, From, At - From);
      From := At;
      while (Copy(Text, At, 2) = '\u') and TryStrToInt('$' + Copy(Text, At + 2, 4), Code) and (Code >= 128) do
      begin
        Units := Units + WideChar(Code);
        Inc(At, 6);
        From := At;
      end;
      Result := Result + UTF8Encode(Units);
      if Units = '' then
        Inc(At, 6);
    end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function IsWhole(const Text: string): Boolean;
var
  C: Char;
begin
  Result := Text <> '';
  for C in Text do
    Result := Result and (C in ['-', '0'..'9']);
end;

// The text with whole numbers of more than 64 bits in quotes: the parser would round them.
function Exact(const Text: string): string;
var
  At, From, Start: Integer;
  Whole: Int64;
begin
  Result := '';
  From := 1;
  At := 1;
  while At <= Length(Text) do
  begin
    Start := At;
    if Text[At] = '"' then
    begin
      Inc(At);
      while (At <= Length(Text)) and (Text[At] <> '"') do
        if Text[At] = '\' then
          Inc(At, 2)
        else
          Inc(At);
      Inc(At);
    end
    else if Text[At] in ['-', '0'..'9'] then
    begin
      while (At <= Length(Text)) and (Text[At] in ['+', '-', '.', '0'..'9', 'e', 'E']) do
        Inc(At);
      if (At - Start > 18) and IsWhole(Copy(Text, Start, At - Start)) and
        not TryStrToInt64(Copy(Text, Start, At - Start), Whole) then
      begin
        Result := Result + Copy(Text, From, Start - From) + '"' + Copy(Text, Start, At - Start) + '"';
        From := At;
      end;
    end
    else
      Inc(At);
  end;
  Result := Result + Copy(Text, From, MaxInt);
end;

function Member(Parent: TJSONData; const Name: string): TJSONData;
begin
  Result := nil;
  if Parent is TJSONObject then
    Result := TJSONObject(Parent).Find(Name);
end;

function GetText(Data: TJSONData; out Value: string): Boolean;
begin
  Result := (Data <> nil) and (Data.JSONType in [jtString, jtNumber, jtBoolean]);
  if Result then
    Value := Data.AsString;
end;

function GetInteger(Data: TJSONData; out Value: Int64): Boolean;
begin
  if (Data <> nil) and (Data.JSONType = jtString) and (Length(Data.AsString) > 18) and IsWhole(Data.AsString) then
    Fail(Data.AsString + ' does not fit in 64 bits');
  Result := (Data <> nil) and (Data.JSONType = jtNumber);
  if Result then
    Value := Data.AsInt64;
end;

// Prints a value on one line.
procedure Show(const Place, Value: string); overload;
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

procedure Show(const Place: string; Value: Int64); overload;
begin
  Show(Place, IntToStr(Value));
end;

procedure Show(const Place: string; Value: Double); overload;
var
  Format: TFormatSettings;
begin
  Format := DefaultFormatSettings;
  Format.DecimalSeparator := '.';
  Show(Place, FloatToStrF(Value, ffGeneral, 15, 0, Format));
end;

procedure Show(const Place: string; Value: Boolean); overload;
begin
  if Value then
    Show(Place, 'true')
  else
    Show(Place, 'false');
end;

// Prints a value as what it is, objects and arrays as JSON; nothing if it is null.
procedure ShowItem(const Place: string; Data: TJSONData);
var
  Value: string;
begin
  if (Data <> nil) and (Data.JSONType = jtBoolean) then
    Show(Place, Data.AsBoolean)
  else if (Data <> nil) and (Data.JSONType = jtNumber) and (TJSONNumber(Data).NumberType = ntFloat) then
    Show(Place, Data.AsFloat)
  else if (Data is TJSONObject) or (Data is TJSONArray) then
    Show(Place, Data.AsJSON)
  else if GetText(Data, Value) then
    Show(Place, Value);
end;

// A variable of the environment.
function Setting(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
  if Result = '' then
    Fail('set ' + Name + ' in the environment');
end;

// Percent-encodes all but letters, digits and -._~.
function Encode(const Text: string): string;
var
  C: Char;
begin
  Result := '';
  for C in Text do
    if C in ['A'..'Z', 'a'..'z', '0'..'9', '-', '.', '_', '~'] then
      Result := Result + C
    else
      Result := Result + '%' + IntToHex(Ord(C), 2);
end;

// Names and values in turn, as a query or a form.
function Pairs(const Parameters: array of string): string;
var
  I: Integer;
begin
  Result := '';
  for I := 0 to Length(Parameters) div 2 - 1 do
  begin
    if I > 0 then
      Result := Result + '&';
    Result := Result + Encode(Parameters[2 * I]) + '=' + Encode(Parameters[2 * I + 1]);
  end;
end;

function Header(Client: TFPHTTPClient; const Name: string): string;
var
  Line: string;
begin
  Result := '';
  for Line in Client.ResponseHeaders do
    if StartsText(Name + ':', Line) then
      Result := Trim(Copy(Line, Length(Name) + 2, MaxInt));
end;

// How long an answer with status 429 asks to wait: in seconds, or up to an instant.
function WaitSeconds(Client: TFPHTTPClient): Int64;
var
  RetryAfter: string;
  UntilTime: TDateTime;
begin
  RetryAfter := Header(Client, 'Retry-After');
  if TryStrToInt64(RetryAfter, Result) then
    Exit;
  Result := 1;
  if TryISO8601ToDate(RetryAfter, UntilTime, True) then
  begin
    Result := Round((UntilTime - LocalTimeToUniversal(Now)) * SecsPerDay) + 1;
    if Result < 0 then
      Result := 0;
  end;
end;

// The body of a good answer; after 429 it waits and asks again, at most five times. The headers stay in the client.
function Send(Client: TFPHTTPClient; const Url: string; const Body: string): string;
var
  Attempt: Integer;
  Seconds: Int64;
  Answered: TStringStream;
begin
  Answered := TStringStream.Create('');
  try
    for Attempt := 1 to 6 do
    begin
      Answered.Size := 0;
      if Body <> '' then
        Client.RequestBody := TStringStream.Create(Body);
      try
        try
          // An empty list of good statuses lets all answers through.
          Client.HTTPMethod('GET', Url, Answered, []);
        except
          on Error: Exception do
            Fail(Url + ': ' + Error.Message);
        end;
      finally
        Client.RequestBody.Free;
        Client.RequestBody := nil;
      end;
      if (Client.ResponseStatusCode >= 200) and (Client.ResponseStatusCode < 300) then
        Exit(Answered.DataString);
      if (Client.ResponseStatusCode <> 429) or (Attempt = 6) then
        Fail('HTTP ' + IntToStr(Client.ResponseStatusCode) + ': ' + Answered.DataString);
      Seconds := WaitSeconds(Client);
      WriteLn(StdErr, '429: waiting ', Seconds, ' s');
      Sleep(Seconds * 1000);
    end;
  finally
    Answered.Free;
  end;
end;

var
  Client: TFPHTTPClient;
  BaseUrl, Path, Query, Url, Content: string;
  Token: string;
  Response: string;
  Answer: TJSONData;
  UserCount: Integer;
  NextPageToken: string;
  PageCount: Int64;
  PageSize: Int64;
  TotalRecords: Int64;
  PageNumber: Int64;
  UsersValue: TJSONData;
  UserIndex: Integer;
  User: TJSONData;
  CreatedAt: string;
  CustomAttributes: TJSONData;
  CustomAttributeIndex: Integer;
  CustomAttribute: TJSONData;
  Key: string;
  CustomAttributeName: string;
  CustomAttributeValue: string;
  Dept: string;
  DisplayName: string;
  DivisionIds: TJSONData;
  DivisionIdIndex: Integer;
  DivisionId: TJSONData;
  Email: string;
  EmployeeUniqueId: string;
  FirstName: string;
  GroupIds: TJSONData;
  GroupIdIndex: Integer;
  GroupId: TJSONData;
  HostKey: string;
  Id: string;
  ImGroupIds: TJSONData;
  ImGroupIdIndex: Integer;
  ImGroupId: TJSONData;
  LastClientVersion: string;
  LastLoginTime: string;
  LastName: string;
  LicenseInfoList: TJSONData;
  LicenseInfoListItemIndex: Integer;
  LicenseInfoListItem: TJSONData;
  LicenseOption: Int64;
  LicenseType: string;
  SubscriptionId: string;
  PlanUnitedType: string;
  Pmi: Int64;
  RoleId: string;
  UserStatus: string;
  Timezone: string;
  UserType: Int64;
  UserCreatedAt: string;
  Verified: Int64;
begin
  SetTextCodePage(Output, CP_UTF8);
  DefaultSystemCodePage := CP_UTF8;
  BaseUrl := Setting('API_BASE_URL');
  while EndsStr('/', BaseUrl) do
    SetLength(BaseUrl, Length(BaseUrl) - 1);

  Client := TFPHTTPClient.Create(nil);
  // How long a server may take to answer, in milliseconds.
  Client.IOTimeout := 60000;
  Client.AddHeader('Accept', 'application/json');
  Client.AddHeader('Authorization', 'Bearer ' + Setting('API_TOKEN'));
  Content := '';

  Path := '/v2/users';
  Query := Pairs([]);
  Url := BaseUrl + Path;
  if Query <> '' then
    Url := Url + '?' + Query;
  UserCount := 0;
  while Url <> '' do
  begin
    Response := Send(Client, Url, Content);
    try
      Answer := GetJSON(Unescaped(Exact(Response)));
    except
      on Error: Exception do
        Fail('the answer is not JSON (' + Error.Message + '): ' + Response);
    end;
    if GetText(Member(Answer, 'next_page_token'), NextPageToken) then
      Show('next_page_token', NextPageToken);
    if GetInteger(Member(Answer, 'page_count'), PageCount) then
      Show('page_count', PageCount);
    if GetInteger(Member(Answer, 'page_size'), PageSize) then
      Show('page_size', PageSize);
    if GetInteger(Member(Answer, 'total_records'), TotalRecords) then
      Show('total_records', TotalRecords);
    if GetInteger(Member(Answer, 'page_number'), PageNumber) then
      Show('page_number', PageNumber);
    UsersValue := Member(Answer, 'users');
    if UsersValue is TJSONArray then
      for UserIndex := 0 to UsersValue.Count - 1 do
      begin
        User := UsersValue.Items[UserIndex];
        if GetText(Member(User, 'created_at'), CreatedAt) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].created_at', CreatedAt);
        CustomAttributes := Member(User, 'custom_attributes');
        if CustomAttributes is TJSONArray then
          for CustomAttributeIndex := 0 to CustomAttributes.Count - 1 do
          begin
            CustomAttribute := CustomAttributes.Items[CustomAttributeIndex];
            if GetText(Member(CustomAttribute, 'key'), Key) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].custom_attributes[' + IntToStr(CustomAttributeIndex) + '].key', Key);
            if GetText(Member(CustomAttribute, 'name'), CustomAttributeName) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].custom_attributes[' + IntToStr(CustomAttributeIndex) + '].name', CustomAttributeName);
            if GetText(Member(CustomAttribute, 'value'), CustomAttributeValue) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].custom_attributes[' + IntToStr(CustomAttributeIndex) + '].value', CustomAttributeValue);
          end;
        if GetText(Member(User, 'dept'), Dept) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].dept', Dept);
        if GetText(Member(User, 'display_name'), DisplayName) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].display_name', DisplayName);
        DivisionIds := Member(User, 'division_ids');
        if DivisionIds is TJSONArray then
          for DivisionIdIndex := 0 to DivisionIds.Count - 1 do
          begin
            DivisionId := DivisionIds.Items[DivisionIdIndex];
            ShowItem('users[' + IntToStr(UserCount + UserIndex) + '].division_ids[' + IntToStr(DivisionIdIndex) + ']', DivisionId);
          end;
        if GetText(Member(User, 'email'), Email) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].email', Email);
        if GetText(Member(User, 'employee_unique_id'), EmployeeUniqueId) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].employee_unique_id', EmployeeUniqueId);
        if GetText(Member(User, 'first_name'), FirstName) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].first_name', FirstName);
        GroupIds := Member(User, 'group_ids');
        if GroupIds is TJSONArray then
          for GroupIdIndex := 0 to GroupIds.Count - 1 do
          begin
            GroupId := GroupIds.Items[GroupIdIndex];
            ShowItem('users[' + IntToStr(UserCount + UserIndex) + '].group_ids[' + IntToStr(GroupIdIndex) + ']', GroupId);
          end;
        if GetText(Member(User, 'host_key'), HostKey) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].host_key', HostKey);
        if GetText(Member(User, 'id'), Id) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].id', Id);
        ImGroupIds := Member(User, 'im_group_ids');
        if ImGroupIds is TJSONArray then
          for ImGroupIdIndex := 0 to ImGroupIds.Count - 1 do
          begin
            ImGroupId := ImGroupIds.Items[ImGroupIdIndex];
            ShowItem('users[' + IntToStr(UserCount + UserIndex) + '].im_group_ids[' + IntToStr(ImGroupIdIndex) + ']', ImGroupId);
          end;
        if GetText(Member(User, 'last_client_version'), LastClientVersion) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].last_client_version', LastClientVersion);
        if GetText(Member(User, 'last_login_time'), LastLoginTime) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].last_login_time', LastLoginTime);
        if GetText(Member(User, 'last_name'), LastName) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].last_name', LastName);
        LicenseInfoList := Member(User, 'license_info_list');
        if LicenseInfoList is TJSONArray then
          for LicenseInfoListItemIndex := 0 to LicenseInfoList.Count - 1 do
          begin
            LicenseInfoListItem := LicenseInfoList.Items[LicenseInfoListItemIndex];
            if GetInteger(Member(LicenseInfoListItem, 'license_option'), LicenseOption) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].license_info_list[' + IntToStr(LicenseInfoListItemIndex) + '].license_option', LicenseOption);
            if GetText(Member(LicenseInfoListItem, 'license_type'), LicenseType) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].license_info_list[' + IntToStr(LicenseInfoListItemIndex) + '].license_type', LicenseType);
            if GetText(Member(LicenseInfoListItem, 'subscription_id'), SubscriptionId) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].license_info_list[' + IntToStr(LicenseInfoListItemIndex) + '].subscription_id', SubscriptionId);
          end;
        if GetText(Member(User, 'plan_united_type'), PlanUnitedType) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].plan_united_type', PlanUnitedType);
        if GetInteger(Member(User, 'pmi'), Pmi) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].pmi', Pmi);
        if GetText(Member(User, 'role_id'), RoleId) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].role_id', RoleId);
        if GetText(Member(User, 'status'), UserStatus) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].status', UserStatus);
        if GetText(Member(User, 'timezone'), Timezone) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].timezone', Timezone);
        if GetInteger(Member(User, 'type'), UserType) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].type', UserType);
        if GetText(Member(User, 'user_created_at'), UserCreatedAt) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].user_created_at', UserCreatedAt);
        if GetInteger(Member(User, 'verified'), Verified) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].verified', Verified);
      end;
    if UsersValue is TJSONArray then
      UserCount := UserCount + UsersValue.Count;
    // The next page, if there is one.
    Url := '';
    if GetText(Member(Answer, 'next_page_token'), Token) and (Token <> '') then
    begin
      if Query <> '' then
        Url := '&';
      Url := BaseUrl + Path + '?' + Query + Url + Pairs(['next_page_token', Token]);
    end;
    Answer.Free;
  end;
  Client.Free;
end.
