// List users
// GET /v2/users
//
// It also takes:
//   status: `active` (default), `inactive` or `pending`.
//   page_size: Records a page, 30 by default, at most 2000; more means 2000.
//   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
//   role_id: Only users with this role.
//   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
// For Delphi 10.3 or later.
program Sample;

{$APPTYPE CONSOLE}

uses
  System.SysUtils,
  System.Classes,
  System.DateUtils,
  System.Net.HttpClient,
  System.Net.URLClient,
  System.JSON;

procedure Fail(const Text: string);
begin
  WriteLn(ErrOutput, Text);
  Halt(1);
end;

function Member(Parent: TJSONValue; const Name: string): TJSONValue;
begin
  Result := nil;
  if Parent is TJSONObject then
    Result := TJSONObject(Parent).Values[Name];
end;

// The text of a value; a number as it is written.
function GetText(Data: TJSONValue; out Value: string): Boolean;
begin
  Result := (Data is TJSONString) or (Data is TJSONBool);
  if Result then
    Value := Data.Value;
end;

function GetInteger(Data: TJSONValue; out Value: Int64): Boolean;
begin
  Result := Data is TJSONNumber;
  if not Result or TryStrToInt64(Data.Value, Value) then
    Exit;
  if Abs(TJSONNumber(Data).AsDouble) >= 9.2e18 then
    Fail(Data.Value + ' does not fit in 64 bits');
  Value := Trunc(TJSONNumber(Data).AsDouble);
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

// Prints a value as what it is, objects and arrays as JSON; nothing if it is null.
procedure ShowValue(const Place: string; Data: TJSONValue);
var
  Value: string;
begin
  if GetText(Data, Value) then
    Show(Place, Value)
  else if (Data is TJSONObject) or (Data is TJSONArray) then
    Show(Place, Data.ToJSON);
end;

// A variable of the environment.
function Setting(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
  if Result = '' then
    Fail('set ' + Name + ' in the environment');
end;

// Percent-encodes all bytes of UTF-8 but letters, digits and -._~.
function Encode(const Text: string): string;
var
  B: Byte;
begin
  Result := '';
  for B in TEncoding.UTF8.GetBytes(Text) do
    if CharInSet(Chr(B), ['A'..'Z', 'a'..'z', '0'..'9', '-', '.', '_', '~']) then
      Result := Result + Chr(B)
    else
      Result := Result + '%' + IntToHex(B, 2);
end;

// How long a response with status 429 asks to wait: in seconds, or up to an instant.
function WaitSeconds(const Response: IHTTPResponse): Integer;
var
  RetryAfter: string;
  UntilTime: TDateTime;
begin
  RetryAfter := Response.HeaderValue['Retry-After'];
  if TryStrToInt(RetryAfter, Result) then
    Exit;
  Result := 1;
  if TryISO8601ToDate(RetryAfter, UntilTime, True) then
  begin
    Result := SecondsBetween(UntilTime, TTimeZone.Local.ToUniversalTime(Now)) + 1;
    if UntilTime < TTimeZone.Local.ToUniversalTime(Now) then
      Result := 0;
  end;
end;

// A good response; after 429 it waits and asks again, at most five times.
function Send(Client: THTTPClient; const Url: string; const Headers: TNetHeaders; const Body: TBytes): IHTTPResponse;
var
  Attempt, Seconds: Integer;
  Source: TBytesStream;
  Request: IHTTPRequest;
begin
  for Attempt := 1 to 6 do
  begin
    Source := TBytesStream.Create(Body);
    try
      try
        Request := Client.GetRequest('GET', Url);
        if Length(Body) > 0 then
          Request.SourceStream := Source;
        Result := Client.Execute(Request, nil, Headers);
      except
        on Error: Exception do
          Fail(Url + ': ' + Error.Message);
      end;
    finally
      Source.Free;
    end;
    if (Result.StatusCode >= 200) and (Result.StatusCode < 300) then
      Exit;
    if (Result.StatusCode <> 429) or (Attempt = 6) then
      Fail('HTTP ' + IntToStr(Result.StatusCode) + ': ' + Result.ContentAsString(TEncoding.UTF8));
    Seconds := WaitSeconds(Result);
    WriteLn(ErrOutput, '429: waiting ', Seconds, ' s');
    Sleep(Seconds * 1000);
  end;
end;

var
  Client: THTTPClient;
  Headers: TNetHeaders;
  BaseUrl, Path, Query, Url: string;
  Content: TBytes;
  Response: IHTTPResponse;
  Token: string;
  Text: string;
  Answer: TJSONValue;
  UserCount: Integer;
  NextPageToken: string;
  PageCount: Int64;
  PageSize: Int64;
  TotalRecords: Int64;
  PageNumber: Int64;
  UsersValue: TJSONValue;
  UserIndex: Integer;
  User: TJSONValue;
  CreatedAt: string;
  CustomAttributes: TJSONValue;
  CustomAttributeIndex: Integer;
  CustomAttribute: TJSONValue;
  Key: string;
  CustomAttributeName: string;
  CustomAttributeValue: string;
  Dept: string;
  DisplayName: string;
  DivisionIds: TJSONValue;
  DivisionIdIndex: Integer;
  DivisionId: TJSONValue;
  Email: string;
  EmployeeUniqueId: string;
  FirstName: string;
  GroupIds: TJSONValue;
  GroupIdIndex: Integer;
  GroupId: TJSONValue;
  HostKey: string;
  Id: string;
  ImGroupIds: TJSONValue;
  ImGroupIdIndex: Integer;
  ImGroupId: TJSONValue;
  LastClientVersion: string;
  LastLoginTime: string;
  LastName: string;
  LicenseInfoList: TJSONValue;
  LicenseInfoListItemIndex: Integer;
  LicenseInfoListItem: TJSONValue;
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
  BaseUrl := Setting('API_BASE_URL');
  while (BaseUrl <> '') and (BaseUrl[Length(BaseUrl)] = '/') do
    SetLength(BaseUrl, Length(BaseUrl) - 1);

  Client := THTTPClient.Create;
  // How long a server may take to respond, in milliseconds.
  Client.ConnectionTimeout := 60000;
  Client.ResponseTimeout := 60000;
  Headers := [
    TNetHeader.Create('Accept', 'application/json'),
    TNetHeader.Create('Authorization', 'Bearer ' + Setting('API_TOKEN'))];
  Content := nil;

  Path := '/v2/users';
  Query := '';
  Url := BaseUrl + Path;
  if Query <> '' then
    Url := Url + '?' + Query;
  UserCount := 0;
  while Url <> '' do
  begin
    Response := Send(Client, Url, Headers, Content);
    Text := Response.ContentAsString(TEncoding.UTF8);
    Answer := TJSONObject.ParseJSONValue(Text);
    if Answer = nil then
      Fail('the answer is not JSON: ' + Text);
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
    begin
      for UserIndex := 0 to TJSONArray(UsersValue).Count - 1 do
      begin
        User := TJSONArray(UsersValue).Items[UserIndex];
        if GetText(Member(User, 'created_at'), CreatedAt) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].created_at', CreatedAt);
        CustomAttributes := Member(User, 'custom_attributes');
        if CustomAttributes is TJSONArray then
        begin
          for CustomAttributeIndex := 0 to TJSONArray(CustomAttributes).Count - 1 do
          begin
            CustomAttribute := TJSONArray(CustomAttributes).Items[CustomAttributeIndex];
            if GetText(Member(CustomAttribute, 'key'), Key) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].custom_attributes[' + IntToStr(CustomAttributeIndex) + '].key', Key);
            if GetText(Member(CustomAttribute, 'name'), CustomAttributeName) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].custom_attributes[' + IntToStr(CustomAttributeIndex) + '].name', CustomAttributeName);
            if GetText(Member(CustomAttribute, 'value'), CustomAttributeValue) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].custom_attributes[' + IntToStr(CustomAttributeIndex) + '].value', CustomAttributeValue);
          end;
        end;
        if GetText(Member(User, 'dept'), Dept) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].dept', Dept);
        if GetText(Member(User, 'display_name'), DisplayName) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].display_name', DisplayName);
        DivisionIds := Member(User, 'division_ids');
        if DivisionIds is TJSONArray then
        begin
          for DivisionIdIndex := 0 to TJSONArray(DivisionIds).Count - 1 do
          begin
            DivisionId := TJSONArray(DivisionIds).Items[DivisionIdIndex];
            ShowValue('users[' + IntToStr(UserCount + UserIndex) + '].division_ids[' + IntToStr(DivisionIdIndex) + ']', DivisionId);
          end;
        end;
        if GetText(Member(User, 'email'), Email) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].email', Email);
        if GetText(Member(User, 'employee_unique_id'), EmployeeUniqueId) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].employee_unique_id', EmployeeUniqueId);
        if GetText(Member(User, 'first_name'), FirstName) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].first_name', FirstName);
        GroupIds := Member(User, 'group_ids');
        if GroupIds is TJSONArray then
        begin
          for GroupIdIndex := 0 to TJSONArray(GroupIds).Count - 1 do
          begin
            GroupId := TJSONArray(GroupIds).Items[GroupIdIndex];
            ShowValue('users[' + IntToStr(UserCount + UserIndex) + '].group_ids[' + IntToStr(GroupIdIndex) + ']', GroupId);
          end;
        end;
        if GetText(Member(User, 'host_key'), HostKey) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].host_key', HostKey);
        if GetText(Member(User, 'id'), Id) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].id', Id);
        ImGroupIds := Member(User, 'im_group_ids');
        if ImGroupIds is TJSONArray then
        begin
          for ImGroupIdIndex := 0 to TJSONArray(ImGroupIds).Count - 1 do
          begin
            ImGroupId := TJSONArray(ImGroupIds).Items[ImGroupIdIndex];
            ShowValue('users[' + IntToStr(UserCount + UserIndex) + '].im_group_ids[' + IntToStr(ImGroupIdIndex) + ']', ImGroupId);
          end;
        end;
        if GetText(Member(User, 'last_client_version'), LastClientVersion) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].last_client_version', LastClientVersion);
        if GetText(Member(User, 'last_login_time'), LastLoginTime) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].last_login_time', LastLoginTime);
        if GetText(Member(User, 'last_name'), LastName) then
          Show('users[' + IntToStr(UserCount + UserIndex) + '].last_name', LastName);
        LicenseInfoList := Member(User, 'license_info_list');
        if LicenseInfoList is TJSONArray then
        begin
          for LicenseInfoListItemIndex := 0 to TJSONArray(LicenseInfoList).Count - 1 do
          begin
            LicenseInfoListItem := TJSONArray(LicenseInfoList).Items[LicenseInfoListItemIndex];
            if GetInteger(Member(LicenseInfoListItem, 'license_option'), LicenseOption) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].license_info_list[' + IntToStr(LicenseInfoListItemIndex) + '].license_option', LicenseOption);
            if GetText(Member(LicenseInfoListItem, 'license_type'), LicenseType) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].license_info_list[' + IntToStr(LicenseInfoListItemIndex) + '].license_type', LicenseType);
            if GetText(Member(LicenseInfoListItem, 'subscription_id'), SubscriptionId) then
              Show('users[' + IntToStr(UserCount + UserIndex) + '].license_info_list[' + IntToStr(LicenseInfoListItemIndex) + '].subscription_id', SubscriptionId);
          end;
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
      UserCount := UserCount + TJSONArray(UsersValue).Count;
    end;
    // The next page, if there is one.
    Url := '';
    if GetText(Member(Answer, 'next_page_token'), Token) and (Token <> '') then
    begin
      if Query <> '' then
        Url := Query + '&';
      Url := BaseUrl + Path + '?' + Url + Encode('next_page_token') + '=' + Encode(Token);
    end;
    Answer.Free;
  end;
  Client.Free;
end.
