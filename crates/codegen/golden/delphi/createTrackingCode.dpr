// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
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

function GetBoolean(Data: TJSONValue; out Value: Boolean): Boolean;
begin
  Result := Data is TJSONBool;
  if Result then
    Value := TJSONBool(Data).AsBoolean;
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

procedure Show(const Place: string; Value: Boolean); overload;
begin
  if Value then
    Show(Place, 'true')
  else
    Show(Place, 'false');
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
        Request := Client.GetRequest('POST', Url);
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
  Text: string;
  Answer: TJSONValue;
  HostProfileCode: string;
  Id: string;
  InputMode: string;
  NameValue: string;
  Options: TJSONValue;
  OptionIndex: Integer;
  Option: TJSONValue;
  DefaultValue: Boolean;
  OptionValue: string;
  ScheduleStartCodes: TJSONValue;
  ScheduleStartCodeIndex: Integer;
  ScheduleStartCode: TJSONValue;
  Service: string;
  ScheduleStartCodeType: string;
  SiteUrl: string;
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
    TNetHeader.Create('Authorization', 'Bearer ' + Setting('API_TOKEN')),
    TNetHeader.Create('Content-Type', 'application/json')];
  Content := nil;
  Content := TEncoding.UTF8.GetBytes('{'#10'  "hostProfileCode": "optional",'#10'  "inputMode": "select",'#10'  "name": "Department",'#10'  "options": ['#10'    {'#10'      "defaultValue": false,'#10'      "value": "Engineering"'#10'    },'#10'    {'#10'      "defaultValue": true,'#10'      "value": "Design"'#10'    },'#10'    {'#10'      "defaultValue": false,'#10'      "value": "Sales"'#10'    }'#10'  ],'#10'  "scheduleStartCodes": ['#10'    {'#10'      "service": "MeetingCenter",'#10'      "type": "required"'#10'    },'#10'    {'#10'      "service": "EventCenter",'#10'      "type": "optional"'#10'    }'#10'  ],'#10'  "siteUrl": "example.webex.com"'#10'}');

  Path := '/v1/admin/meeting/config/trackingCodes';
  Query := '';
  Url := BaseUrl + Path;
  if Query <> '' then
    Url := Url + '?' + Query;
  Response := Send(Client, Url, Headers, Content);
  Text := Response.ContentAsString(TEncoding.UTF8);
  Answer := TJSONObject.ParseJSONValue(Text);
  if Answer = nil then
    Fail('the answer is not JSON: ' + Text);
  if GetText(Member(Answer, 'hostProfileCode'), HostProfileCode) then
    Show('hostProfileCode', HostProfileCode);
  if GetText(Member(Answer, 'id'), Id) then
    Show('id', Id);
  if GetText(Member(Answer, 'inputMode'), InputMode) then
    Show('inputMode', InputMode);
  if GetText(Member(Answer, 'name'), NameValue) then
    Show('name', NameValue);
  Options := Member(Answer, 'options');
  if Options is TJSONArray then
  begin
    for OptionIndex := 0 to TJSONArray(Options).Count - 1 do
    begin
      Option := TJSONArray(Options).Items[OptionIndex];
      if GetBoolean(Member(Option, 'defaultValue'), DefaultValue) then
        Show('options[' + IntToStr(OptionIndex) + '].defaultValue', DefaultValue);
      if GetText(Member(Option, 'value'), OptionValue) then
        Show('options[' + IntToStr(OptionIndex) + '].value', OptionValue);
    end;
  end;
  ScheduleStartCodes := Member(Answer, 'scheduleStartCodes');
  if ScheduleStartCodes is TJSONArray then
  begin
    for ScheduleStartCodeIndex := 0 to TJSONArray(ScheduleStartCodes).Count - 1 do
    begin
      ScheduleStartCode := TJSONArray(ScheduleStartCodes).Items[ScheduleStartCodeIndex];
      if GetText(Member(ScheduleStartCode, 'service'), Service) then
        Show('scheduleStartCodes[' + IntToStr(ScheduleStartCodeIndex) + '].service', Service);
      if GetText(Member(ScheduleStartCode, 'type'), ScheduleStartCodeType) then
        Show('scheduleStartCodes[' + IntToStr(ScheduleStartCodeIndex) + '].type', ScheduleStartCodeType);
    end;
  end;
  if GetText(Member(Answer, 'siteUrl'), SiteUrl) then
    Show('siteUrl', SiteUrl);
  Answer.Free;
  Client.Free;
end.
