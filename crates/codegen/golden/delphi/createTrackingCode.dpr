// Create a tracking code
// POST /v1/admin/meeting/config/trackingCodes
// Needs Delphi 10.3 or later.
program Sample;

{$APPTYPE CONSOLE}

uses
  System.SysUtils,
  System.Classes,
  System.DateUtils,
  System.Net.HttpClient,
  System.Net.URLClient,
  System.JSON;

const
  // Maximum time for a response.
  TimeoutMilliseconds = 60000;

type
  TTextValue = record
    HasValue: Boolean;
    Value: string;
  end;
  TBooleanValue = record
    HasValue: Boolean;
    Value: Boolean;
  end;
  TScheduleStartCode = record
    HasValue: Boolean;
    Service: TTextValue;
    TypeValue: TTextValue;
  end;
  TScheduleStartCodeList = array of TScheduleStartCode;
  TOption = record
    HasValue: Boolean;
    DefaultValue: TBooleanValue;
    Value: TTextValue;
  end;
  TOptionList = array of TOption;
  TAnswer = record
    HasValue: Boolean;
    HostProfileCode: TTextValue;
    Id: TTextValue;
    InputMode: TTextValue;
    NameValue: TTextValue;
    Options: TOptionList;
    ScheduleStartCodes: TScheduleStartCodeList;
    SiteUrl: TTextValue;
  end;

procedure Fail(const Text: string);
begin
  WriteLn(ErrOutput, Text);
  Halt(1);
end;

function Member(Data: TJSONValue; const Name: string): TJSONValue;
begin
  Result := nil;
  if Data is TJSONObject then
    Result := TJSONObject(Data).Values[Name];
end;

procedure PrintLine(const Place, Value: string);
var
  Line: string;
begin
  Line := StringReplace(Value, '\', '\\', [rfReplaceAll]);
  Line := StringReplace(Line, #10, '\n', [rfReplaceAll]);
  Line := StringReplace(Line, #13, '\r', [rfReplaceAll]);
  WriteLn(Place, ': ', Line);
end;

// Load reads a value. One that is absent, null or of another type has no value, and Show prints nothing for it.

procedure Load(Data: TJSONValue; out Value: TTextValue); overload;
begin
  Value.HasValue := (Data is TJSONString) or (Data is TJSONBool);
  if Value.HasValue then
    Value.Value := Data.Value;
end;

procedure Show(const Place: string; const Text: TTextValue); overload;
begin
  if Text.HasValue then
    PrintLine(Place, Text.Value);
end;

procedure Load(Data: TJSONValue; out Value: TBooleanValue); overload;
begin
  Value.HasValue := Data is TJSONBool;
  if Value.HasValue then
    Value.Value := TJSONBool(Data).AsBoolean;
end;

procedure Show(const Place: string; const Truth: TBooleanValue); overload;
begin
  if Truth.HasValue then
    PrintLine(Place, LowerCase(BoolToStr(Truth.Value, True)));
end;

procedure Load(Data: TJSONValue; out Value: TScheduleStartCode); overload;
begin
  Value := Default(TScheduleStartCode);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'service'), Value.Service);
  Load(Member(Data, 'type'), Value.TypeValue);
end;

procedure Show(const Place: string; const Value: TScheduleStartCode); overload;
begin
  Show(Place + '.service', Value.Service);
  Show(Place + '.type', Value.TypeValue);
end;

procedure Load(Data: TJSONValue; out List: TScheduleStartCodeList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TScheduleStartCodeList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONValue; out Value: TOption); overload;
begin
  Value := Default(TOption);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'defaultValue'), Value.DefaultValue);
  Load(Member(Data, 'value'), Value.Value);
end;

procedure Show(const Place: string; const Value: TOption); overload;
begin
  Show(Place + '.defaultValue', Value.DefaultValue);
  Show(Place + '.value', Value.Value);
end;

procedure Load(Data: TJSONValue; out List: TOptionList); overload;
var
  I: Integer;
begin
  List := nil;
  if not (Data is TJSONArray) then
    Exit;
  SetLength(List, TJSONArray(Data).Count);
  for I := 0 to High(List) do
    Load(TJSONArray(Data).Items[I], List[I]);
end;

procedure Show(const Place: string; const List: TOptionList); overload;
var
  I: Integer;
begin
  for I := 0 to High(List) do
    Show(Place + '[' + IntToStr(I) + ']', List[I]);
end;

procedure Load(Data: TJSONValue; out Value: TAnswer); overload;
begin
  Value := Default(TAnswer);
  Value.HasValue := Data is TJSONObject;
  Load(Member(Data, 'hostProfileCode'), Value.HostProfileCode);
  Load(Member(Data, 'id'), Value.Id);
  Load(Member(Data, 'inputMode'), Value.InputMode);
  Load(Member(Data, 'name'), Value.NameValue);
  Load(Member(Data, 'options'), Value.Options);
  Load(Member(Data, 'scheduleStartCodes'), Value.ScheduleStartCodes);
  Load(Member(Data, 'siteUrl'), Value.SiteUrl);
end;

procedure Show(const Place: string; const Value: TAnswer); overload;
begin
  Show('hostProfileCode', Value.HostProfileCode);
  Show('id', Value.Id);
  Show('inputMode', Value.InputMode);
  Show('name', Value.NameValue);
  Show('options', Value.Options);
  Show('scheduleStartCodes', Value.ScheduleStartCodes);
  Show('siteUrl', Value.SiteUrl);
end;

function Parse(const Text: string): TAnswer;
var
  Data: TJSONValue;
begin
  Data := TJSONObject.ParseJSONValue(Text);
  if Data = nil then
    Fail('the response is not JSON: ' + Text);
  Load(Data, Result);
  Data.Free;
end;

// Returns an environment variable.
function Setting(const Name: string): string;
begin
  Result := GetEnvironmentVariable(Name);
  if Result = '' then
    Fail('set ' + Name + ' in the environment');
end;

// Percent-encodes everything but letters, digits and -._~
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

// Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
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

// Sends the request and returns a successful response. Retries up to five times after 429.
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

// Create a tracking code.
function CreateTrackingCode(): TAnswer;
var
  Client: THTTPClient;
  Headers: TNetHeaders;
  BaseUrl, Path, Url: string;
  Body: TBytes;
  Response: IHTTPResponse;
begin
  BaseUrl := Setting('API_BASE_URL');
  while (BaseUrl <> '') and (BaseUrl[Length(BaseUrl)] = '/') do
    SetLength(BaseUrl, Length(BaseUrl) - 1);
  Path := '/v1/admin/meeting/config/trackingCodes';
  Client := THTTPClient.Create;
  try
    Client.ConnectionTimeout := TimeoutMilliseconds;
    Client.ResponseTimeout := TimeoutMilliseconds;
    Headers := [
      TNetHeader.Create('Accept', 'application/json'),
      TNetHeader.Create('Authorization', 'Bearer ' + Setting('API_TOKEN')),
      TNetHeader.Create('Content-Type', 'application/json')];
    Body := nil;
    Body := TEncoding.UTF8.GetBytes('{'#10'  "hostProfileCode": "optional",'#10'  "inputMode": "select",'#10'  "name": "Department",'#10'  "options": ['#10'    {'#10'      "defaultValue": false,'#10'      "value": "Engineering"'#10'    },'#10'    {'#10'      "defaultValue": true,'#10'      "value": "Design"'#10'    },'#10'    {'#10'      "defaultValue": false,'#10'      "value": "Sales"'#10'    }'#10'  ],'#10'  "scheduleStartCodes": ['#10'    {'#10'      "service": "MeetingCenter",'#10'      "type": "required"'#10'    },'#10'    {'#10'      "service": "EventCenter",'#10'      "type": "optional"'#10'    }'#10'  ],'#10'  "siteUrl": "example.webex.com"'#10'}');
    Url := BaseUrl + Path;
    Response := Send(Client, Url, Headers, Body);
    Result := Parse(Response.ContentAsString(TEncoding.UTF8));
  finally
    Client.Free;
  end;
end;

begin
  SetTextCodePage(Output, CP_UTF8);
  Show('', CreateTrackingCode());
end.
